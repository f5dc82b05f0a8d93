import { tableColumns, tableName, type EventType } from '@sluice/event-schema';
import { FailureReader } from '@sluice/failed-records';
import {
  checkMethod,
  httpApi,
  jsonAnswer,
  Problem,
  type HttpApi,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import type { ObjectStore } from '@sluice/lake-layout';
import { chooseFormat, mediaTypes } from '@sluice/row-formats';
import { UnreadableFileError } from '@sluice/stored-people';
import { describeEventType } from './event-types';
import { erasureRequests, type Erasing } from './http/erasure-requests';
import { inferRequest } from './http/infer-request';
import { countOf, dayOf, eventTypeOf, parameters } from './http/read-request';
import { matchRoute } from './http/route';
import { subjectRequest, type SubjectAccess } from './http/subject-request';
import { workRequests, type StartWork } from './http/work-requests';
import { KnownObjects } from './lake/known-objects';
import { latestRows } from './lake/latest-rows';
import { tableDays } from './lake/table-days';
import { tableOverview, type LakeOverview } from './lake/table-overview';

export type { Erasing } from './http/erasure-requests';
export type { SubjectAccess } from './http/subject-request';
export type { StartWork } from './http/work-requests';

export interface OperationsApiOptions {
  readonly eventTypes: readonly EventType[];
  readonly store: ObjectStore;
  readonly startWork: StartWork;
  /** Dependencies of requests about people. Required where an event type names people. */
  readonly erasing?: Erasing;
  /** Returns a new id each time, of the characters `[0-9A-Za-z-]`. */
  readonly newId: () => string;
  readonly now?: () => number;
  /** Called with each answer that shows what is held of a person, for the audit log. */
  readonly onAccess?: (access: SubjectAccess) => void;
  /** Called with each error that is not the client's fault. Clients only hear that the request failed. */
  readonly onError?: (error: unknown, request: HttpRequest) => void;
}

/**
 * Largest size of an answer in bytes. Lambda returns at most 6 MB, including the envelope and its escapes; the rest
 * is for headers.
 */
const maxAnswerBytes = 5_500_000;
const maxRows = 1_000;
const maxSamples = 5;

/**
 * Returns the operations API, independent of the event format that carries requests: the lake's content, failures,
 * and work that users start. It remembers objects by their ETags, and nothing about requests.
 *
 * @example
 * const api = createOperationsApi({ eventTypes, store, startWork, newId: randomUUID });
 * const { body } = await api({ method: 'GET', path: '/v1/lake', query: new Map(), headers: new Map(), body: '' });
 */
export function createOperationsApi({
  eventTypes,
  store,
  startWork,
  erasing,
  newId,
  now = Date.now,
  onAccess = () => undefined,
  onError,
}: OperationsApiOptions): HttpApi {
  const known = new KnownObjects(store);
  const failureReader = new FailureReader();
  const work = workRequests({ eventTypes, store, startWork, newId, now });
  const erasures = erasureRequests({ eventTypes, store, erasing, newId, now });

  const subject = subjectRequest({
    ...{ eventTypes, store, now, maxAnswerBytes, onAccess },
    keys: erasing,
  });

  const overview = async (): Promise<HttpResponse> => {
    const atMs = now();
    const tables = await Promise.all(
      eventTypes.map((eventType) =>
        tableOverview(eventType, tableColumns(eventType).length, {
          known,
          failures: failureReader,
          nowMs: atMs,
        }),
      ),
    );
    return jsonAnswer(200, { atMs, tables } satisfies LakeOverview);
  };

  const failures = async (request: HttpRequest): Promise<HttpResponse> => {
    const { table, from, to, samples } = parameters(request, ['table', 'from', 'to', 'samples']);
    const wanted = table === undefined ? eventTypes : [eventTypeOf(eventTypes, table, 400)];
    return jsonAnswer(
      200,
      await failureReader.read({
        store,
        eventTypes: wanted,
        from: dayOf(from, 'from'),
        to: dayOf(to, 'to'),
        samples: countOf(samples, 'samples', { least: 0, most: maxSamples, otherwise: 3 }),
      }),
    );
  };

  const rows = async (table: string, request: HttpRequest): Promise<HttpResponse> => {
    const eventType = eventTypeOf(eventTypes, table, 404);
    const { limit } = parameters(request, ['limit']);
    const format = chooseFormat(request.headers.get('accept'));
    if (!format) throw new Problem(406, `answers come as ${mediaTypes.join(', ')}`);
    const most = countOf(limit, 'limit', { least: 1, most: maxRows, otherwise: 50 });
    const { rows: found, filesRead, isExact } = await latestRows(known, eventType, most);
    const written = await format.write(found, tableColumns(eventType), maxAnswerBytes);
    return {
      status: 200,
      headers: {
        'content-type': format.mediaType,
        'cache-control': 'no-store',
        'x-row-count': String(written.count),
        vary: 'accept',
      },
      body: written.body({ filesRead, isExact }),
    };
  };

  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const { method } = request;
    const route = matchRoute(request.path);
    switch (route.at) {
      case 'lake':
        checkMethod(method, ['GET']);
        return overview();
      case 'event-types':
        checkMethod(method, ['GET']);
        return jsonAnswer(200, { eventTypes: eventTypes.map(describeEventType) });
      case 'inferences':
        checkMethod(method, ['POST']);
        return inferRequest(request);
      case 'days': {
        checkMethod(method, ['GET']);
        const eventType = eventTypeOf(eventTypes, route.table, 404);
        return jsonAnswer(200, { days: await tableDays(known, tableName(eventType)) });
      }
      case 'rows':
        checkMethod(method, ['GET']);
        return rows(route.table, request);
      case 'compactions':
        checkMethod(method, ['POST']);
        return work.compact(route.table, request);
      case 'compaction':
        checkMethod(method, ['GET']);
        eventTypeOf(eventTypes, route.table, 404);
        return work.showCompaction(route.id);
      case 'failures':
        checkMethod(method, ['GET']);
        return failures(request);
      case 'replays':
        checkMethod(method, ['POST']);
        return work.replay(request);
      case 'erasures':
        checkMethod(method, ['POST']);
        return erasures.erase(request);
      case 'erasure':
        checkMethod(method, ['GET']);
        return erasures.showErasure(route.id);
      case 'subject':
        checkMethod(method, ['GET']);
        return subject(route.subject, request);
      case 'replay':
        checkMethod(method, ['GET']);
        return work.showReplay(route.id);
    }
  };

  return httpApi({ answer, failureMessage, ...(onError && { onError }) });
}

/** Returns the sentence for clients about an error. Trying again does not help where a file can't be read. */
const failureMessage = (error: unknown): string =>
  error instanceof UnreadableFileError
    ? "a stored file can't be read, so the answer would not be whole; asking again does not help, its owner has to mend it"
    : 'the request failed; try again';
