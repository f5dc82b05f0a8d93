import { everyScope, type NamedQuery, type ScopesOf } from '@sluice/event-schema';
import {
  checkMethod,
  httpApi,
  Problem,
  type HttpApi,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import { jobRequests } from './http/job-requests';
import { queryRequests } from './http/query-requests';
import { checkAction, type ReadAccess } from './http/read-access';
import { matchRoute } from './http/read-request';
import { RunsBusy, type JoinRuns } from './jobs/join-runs';
import type { JoinSummary } from './jobs/join-summary';
import { EngineBusy, type QueryEngine } from './queries/query-engine';

export interface AnalyticsApiOptions {
  readonly queries: readonly NamedQuery[];
  readonly joins: readonly JoinSummary[];
  /** What the queries and joins read. */
  readonly access: ReadAccess;
  /** Returns the scopes of an API key by its id. @default every key has every scope */
  readonly scopesOf?: ScopesOf;
  readonly engine: QueryEngine;
  readonly workGroup: string;
  readonly runs: JoinRuns;
  readonly now?: () => number;
  readonly newId: () => string;
  /** Called with each error that is not the client's fault. Clients only hear that the request failed. */
  readonly onError?: (error: unknown, request: HttpRequest) => void;
}

/**
 * Returns the API of named queries and joins, independent of the event format that carries requests. It keeps no
 * state between requests.
 */
export function createAnalyticsApi({
  now = Date.now,
  scopesOf = () => everyScope,
  onError,
  ...options
}: AnalyticsApiOptions): HttpApi {
  const queries = queryRequests(options);
  const jobs = jobRequests({ ...options, now });

  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const { method } = request;
    const route = matchRoute(request.path);
    const scopes = scopesOf(request.caller?.apiKeyId);
    checkAction(scopes);
    switch (route.at) {
      case 'queries':
        checkMethod(method, ['GET']);
        return queries.list();
      case 'query':
        checkMethod(method, ['POST', 'GET', 'DELETE']);
        if (method === 'POST') return queries.start(route.query, request, scopes);
        return method === 'GET'
          ? queries.show(route.query, request, scopes)
          : queries.stop(route.query, scopes);
      case 'jobs':
        checkMethod(method, ['GET']);
        return jobs.list();
      case 'runs':
        checkMethod(method, ['GET', 'POST']);
        return method === 'GET'
          ? jobs.listRuns(route.join, request, scopes)
          : jobs.start(route.join, request, scopes);
      case 'run':
        checkMethod(method, ['GET']);
        return jobs.show(route.join, route.id, scopes);
    }
  };

  return httpApi({
    answer: async (request) => {
      try {
        return await answer(request);
      } catch (error) {
        if (error instanceof EngineBusy || error instanceof RunsBusy)
          throw new Problem(429, `${error.message}; try again in some seconds`, {
            'retry-after': '5',
          });
        throw error;
      }
    },
    ...(onError && { onError }),
  });
}
