import { shop } from '@sluice/event-schema/testing/shop';
import { preparedSql, type Catalog, type NamedQuery, type ScopesOf } from '@sluice/event-schema';
import type { HttpRequest, HttpResponse } from '@sluice/lambda-http';
import { createAnalyticsApi } from '../analytics-api';
import { readAccess } from '../bundled-definitions';
import { RunsBusy, type JoinRun, type JoinRuns, type NamedJoinRun } from '../jobs/join-runs';
import { joinSummary } from '../jobs/join-summary';
import { EngineBusy, type QueryExecution, type ResultColumn } from '../queries/query-engine';

export const now = Date.parse('2026-11-20T10:00:00Z');
export const workGroup = 'sluice-test';
export const queries: readonly NamedQuery[] = shop.queries;

interface StartedQuery {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** An engine that records the queries it was asked to run, and returns the answers that a test sets. */
export class FakeEngine {
  readonly started: StartedQuery[] = [];
  readonly stopped: string[] = [];
  readonly executions = new Map<string, QueryExecution>();
  columns: readonly ResultColumn[] = [];
  rows: readonly (readonly (string | null)[])[] = [];
  /** Largest number of rows that the engine returns at once, however many are asked for. */
  rowsAtOnce = 1_000;
  areResultsGone = false;
  isBusy = false;

  start(query: StartedQuery): Promise<string> {
    if (this.isBusy) return Promise.reject(new EngineBusy('too many queries are running'));
    this.started.push(query);
    const id = executionId(this.started.length);
    this.executions.set(id, { id, workGroup, sql: query.sql, state: 'QUEUED' });
    return Promise.resolve(id);
  }

  find(id: string): Promise<QueryExecution | undefined> {
    return Promise.resolve(this.executions.get(id));
  }

  page(id: string, maxRows: number, token = 'row 0') {
    const [, start] = /^row (\d+)$/.exec(token) ?? [];
    if (this.areResultsGone || !this.executions.has(id) || start === undefined)
      return Promise.resolve(undefined);
    const from = Number(start);
    const to = Math.min(from + Math.min(maxRows, this.rowsAtOnce), this.rows.length);
    return Promise.resolve({
      columns: this.columns,
      rows: this.rows.slice(from, to),
      ...(to < this.rows.length && { nextToken: `row ${to}` }),
    });
  }

  stop(id: string): Promise<void> {
    this.stopped.push(id);
    return Promise.resolve();
  }

  /** Adds an execution of a defined query. @returns its id */
  execution(name: string, members: Partial<QueryExecution> = {}): string {
    const query = queries.find((each) => each.name === name);
    if (!query) throw new Error(`no query ${name}`);
    const id = executionId(this.executions.size + 1);
    this.executions.set(id, {
      id,
      workGroup,
      sql: preparedSql(query),
      state: 'SUCCEEDED',
      ...members,
    });
    return id;
  }
}

export const executionId = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** An executor with runs of joins that a test adds itself. */
export class FakeRuns {
  readonly started: { readonly join: string; readonly id: string; readonly date: string }[] = [];
  readonly runs = new Map<string, JoinRun>();
  isBusy = false;

  start(run: FakeRuns['started'][number]): Promise<void> {
    if (this.isBusy) return Promise.reject(new RunsBusy('too many runs are under way'));
    this.started.push(run);
    return Promise.resolve();
  }

  find({ join, id }: { readonly join: string; readonly id: string }): Promise<JoinRun | undefined> {
    return Promise.resolve(this.runs.get(`${join}/${id}`));
  }

  latest({ join, most }: Parameters<JoinRuns['latest']>[0]): Promise<readonly NamedJoinRun[]> {
    if (this.isBusy) return Promise.reject(new RunsBusy('too many runs are asked for'));
    const own = [...this.runs].filter(([name]) => name.startsWith(`${join}/`)).reverse();
    return Promise.resolve(
      own.slice(0, most).map(([name, run]) => ({ id: name.slice(join.length + 1), ...run })),
    );
  }
}

export interface RequestParts {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly apiKeyId?: string;
}

export function createTestApi({
  catalog = shop,
  scopesOf,
}: { readonly catalog?: Catalog; readonly scopesOf?: ScopesOf } = {}) {
  const engine = new FakeEngine();
  const runs = new FakeRuns();
  const errors: unknown[] = [];
  let ids = 0;
  const api = createAnalyticsApi({
    queries: catalog.queries,
    joins: catalog.joins.map(joinSummary),
    access: readAccess(catalog),
    ...(scopesOf && { scopesOf }),
    engine,
    workGroup,
    runs,
    now: () => now,
    newId: () => `id${++ids}`,
    onError: (error) => errors.push(error),
  });
  const send = (method: string, path: string, parts: RequestParts = {}): Promise<HttpResponse> =>
    api(request(method, path, parts));
  return { engine, runs, errors, send };
}

const request = (
  method: string,
  path: string,
  { body = '', query = {}, accept, apiKeyId }: RequestParts,
): HttpRequest => ({
  method,
  path,
  query: new Map(Object.entries(query).map(([name, value]) => [name, [value]])),
  headers: new Map(accept === undefined ? [] : [['accept', accept]]),
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...(apiKeyId !== undefined && { caller: { apiKeyId } }),
});

export const jsonOf = ({ body }: HttpResponse): Readonly<Record<string, unknown>> =>
  JSON.parse(String(body)) as Readonly<Record<string, unknown>>;
