import {
  athenaLiteral,
  bindQuery,
  preparedSql,
  type KeyScopes,
  type NamedQuery,
} from '@sluice/event-schema';
import {
  bodyMembers,
  columnsLeftOut,
  jsonAnswer,
  Problem,
  queryParameters,
  quoted,
  wholeNumber,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import { chooseFormat, mediaTypes } from '@sluice/row-formats';
import type { QueryEngine, QueryExecution } from '../queries/query-engine';
import { resultCell, resultColumns } from '../queries/result-cells';
import {
  decodeCursor,
  encodeCursor,
  firstPosition,
  notOurs,
  type ResultPosition,
} from '../queries/result-cursor';
import { checkQuery, type ReadAccess } from './read-access';

export interface QueryRequestsOptions {
  readonly queries: readonly NamedQuery[];
  readonly access: Pick<ReadAccess, 'queries'>;
  readonly engine: QueryEngine;
  /** Workgroup of the queries. Executions in other workgroups are answered with 404. */
  readonly workGroup: string;
}

const defaultLimit = 100;
/** Largest number of rows in one answer of Athena (API reference: GetQueryResults). */
export const maxLimit = 1_000;
/**
 * Largest size of an answer in bytes. Lambda returns at most 6 MB, including the envelope and its escapes; the rest
 * is for headers.
 */
const maxAnswerBytes = 5_500_000;
const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Returns the functions that answer requests about named queries. An execution is identified by its id, and only
 * found if it runs a defined query.
 */
export function queryRequests({ queries, access, engine, workGroup }: QueryRequestsOptions) {
  const byName = new Map(queries.map((query) => [query.name, query]));
  // The engine identifies the query of an execution by its text, which does not depend on the parameters.
  const nameBySql = new Map(queries.map((query) => [preparedSql(query), query.name]));

  /** Returns the columns of a query's result that a key does not see. @throws Problem 403 where it may not run it */
  const hiddenOf = (name: string, scopes: KeyScopes): ReadonlySet<string> => {
    const read = access.queries[name];
    if (!read) throw new Error(`nothing says what the query ${name} reads`);
    return checkQuery(scopes, name, read);
  };

  const executionOf = async (id: string): Promise<QueryExecution & { readonly name: string }> => {
    const found = idPattern.test(id) ? await engine.find(id) : undefined;
    const name = found?.workGroup === workGroup ? nameBySql.get(found.sql) : undefined;
    if (!found || name === undefined)
      throw new Problem(404, `there is no execution ${quoted(id)} of a query that is defined here`);
    return { ...found, name };
  };

  return {
    list: (): HttpResponse =>
      jsonAnswer(200, {
        queries: queries.map(({ name, description, parameters }) => ({
          name,
          description,
          parameters,
        })),
      }),

    /** Starts a defined query with the parameters of the body. */
    async start(name: string, request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> {
      const query = byName.get(name);
      if (!query)
        throw new Problem(
          404,
          `there is no query ${quoted(name)}; defined are ${[...byName.keys()].join(', ')}`,
        );
      hiddenOf(name, scopes);
      const bound = bindQuery(query, bodyMembers(request));
      if ('problems' in bound)
        throw new Problem(
          400,
          bound.problems
            .map(({ parameter, message }) => `${quoted(parameter)} ${message}`)
            .join('; '),
        );
      const id = await engine.start({
        sql: bound.sql,
        parameters: bound.values.map(athenaLiteral),
      });
      // Relative, because only the client knows the stage and whatever else precedes the path.
      const location = request.path.endsWith('/') ? `../${id}` : id;
      return jsonAnswer(202, { id, name, state: 'QUEUED' }, { location, 'retry-after': '1' });
    },

    /** Returns the state of an execution, and its rows once there are any. */
    async show(id: string, request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> {
      const { limit, cursor } = pageParameters(request);
      const format = chooseFormat(request.headers.get('accept'));
      if (!format) throw new Problem(406, `answers come as ${mediaTypes.join(', ')}`);
      const execution = await executionOf(id);
      const hidden = hiddenOf(execution.name, scopes);
      const position = cursor === undefined ? firstPosition : decodeCursor(cursor, id);
      const { name, state, reason, submittedAt, bytesScanned } = execution;
      const about = { id, name, state, submittedAt, bytesScanned };
      const stateHeader = { 'x-query-state': state };
      if (state === 'QUEUED' || state === 'RUNNING')
        return jsonAnswer(202, about, { ...stateHeader, 'retry-after': '1' });
      if (state !== 'SUCCEEDED') return jsonAnswer(200, { ...about, reason }, stateHeader);

      const page = await engine.page(id, Math.min(maxLimit, limit + position.skip), position.token);
      if (!page)
        throw position.token === undefined
          ? new Problem(410, 'the rows of this execution have expired; start the query again')
          : notOurs();
      const all = resultColumns(page.columns);
      const shown = all.flatMap((column, place) =>
        hidden.has(column.name) ? [] : [{ column, place }],
      );
      const columns = shown.map(({ column }) => column);
      const leftOut = all.flatMap(({ name }) => (hidden.has(name) ? [name] : []));
      const rest = page.rows.slice(position.skip);
      const rows = rest.map((texts) => ({
        cells: shown.map(({ column, place }) => resultCell(texts[place] ?? null, column)),
      }));
      const written = await format.write(rows, columns, maxAnswerBytes);
      const next: ResultPosition | undefined =
        written.count < rest.length
          ? { ...position, skip: position.skip + written.count }
          : page.nextToken === undefined
            ? undefined
            : { token: page.nextToken, skip: 0 };
      const nextCursor = next ? encodeCursor(id, next) : null;
      return {
        status: 200,
        headers: {
          ...stateHeader,
          'content-type': format.mediaType,
          // The result of an execution never changes, and Athena keeps it until it expires.
          'cache-control': 'private, max-age=300',
          vary: 'accept, x-api-key',
          'x-row-count': String(written.count),
          ...columnsLeftOut(leftOut),
          ...(nextCursor !== null && { 'x-next-cursor': nextCursor }),
        },
        body: written.body({
          cursor: nextCursor,
          ...about,
          ...(leftOut.length > 0 && { columnsLeftOut: leftOut }),
        }),
      };
    },

    /** Stops an execution; does nothing where it has ended. */
    async stop(id: string, scopes: KeyScopes): Promise<HttpResponse> {
      const { name } = await executionOf(id);
      hiddenOf(name, scopes);
      await engine.stop(id);
      return { status: 204, headers: {}, body: '' };
    },
  };
}

function pageParameters(request: HttpRequest): {
  readonly limit: number;
  readonly cursor?: string;
} {
  const { limit, cursor } = queryParameters(request, ['limit', 'cursor']);
  return {
    limit: wholeNumber(limit, 'limit', { least: 1, most: maxLimit, otherwise: defaultLimit }),
    ...(cursor && { cursor }),
  };
}
