import { uuidText } from '@sluice/values';
import { createHash } from 'node:crypto';
import { ServiceError } from '@sluice/local-http';
import { objectFile, type RecordFolder } from '@sluice/local-state-files';
import type { Query, QueryOutcome } from './query-engine';
import type { ResultColumn } from './result-text';
import { readResultPage, type ResultPage } from './result-file';

export interface WorkGroup {
  readonly name: string;
  /**
   * Location of results, `s3://bucket/folder/`. A request's own location counts where the workgroup does not enforce
   * its settings.
   */
  readonly outputLocation: string | undefined;
  readonly isEnforced: boolean;
}

export type QueryState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** The execution of one query. Times are in milliseconds since 1970. */
export interface QueryExecution {
  readonly id: string;
  readonly sql: string;
  readonly parameters: readonly string[];
  readonly database: string | undefined;
  readonly workGroup: string;
  readonly output: { readonly bucket: string; readonly key: string };
  readonly state: QueryState;
  /** The reason why it failed or was cancelled. */
  readonly reason?: string;
  readonly submittedAtMs: number;
  readonly startedAtMs?: number;
  readonly completedAtMs?: number;
  /** Columns of the result, once the query has succeeded. */
  readonly columns?: readonly ResultColumn[];
  readonly isUnload?: boolean;
  readonly rows?: number;
}

export interface QueryRequest {
  readonly sql: string;
  readonly parameters: readonly string[];
  readonly database: string | undefined;
  readonly workGroup: string;
  readonly outputLocation: string | undefined;
  /** Idempotency token: a request with the same token returns the same execution. */
  readonly token: string;
}

export interface QueryExecutionsOptions {
  /** Folder in which the objects are stored. */
  readonly objects: string;
  readonly records: RecordFolder<QueryExecution>;
  readonly workGroups: readonly WorkGroup[];
  readonly run: (query: Query, signal: AbortSignal) => Promise<QueryOutcome>;
  /** Longest time that a query may run, in milliseconds; it fails afterwards. */
  readonly timeoutMs: number;
}

/** Number of queries that run at the same time; others wait. */
const maxRunning = 2;

/** Number of queries that may wait. More are refused, as Athena refuses queries over its quota. */
const maxQueued = 100;

/** Longest query text. Source: Athena API reference, "StartQueryExecution": at most 262,144 bytes of QueryString. */
const maxSqlCharacters = 262_144;

/** How long executions are kept, in milliseconds: 45 days, as in Athena. */
const keepMs = 45 * 86_400_000;

const hasEnded = (state: QueryState): boolean => state !== 'QUEUED' && state !== 'RUNNING';

/** Starts and records queries: one execution for each token, two running at a time, all kept over a restart. */
export class QueryExecutions {
  readonly #options: QueryExecutionsOptions;
  readonly #queue: string[] = [];
  readonly #running = new Map<string, AbortController>();
  readonly #waiting = new Map<string, ((execution: QueryExecution) => void)[]>();
  #isClosed = false;

  constructor(options: QueryExecutionsOptions) {
    this.#options = options;
    for (const execution of options.records.open())
      if (!hasEnded(execution.state))
        this.#put({
          ...execution,
          state: 'CANCELLED',
          reason: 'the local stack ended while the query ran',
          completedAtMs: Date.now(),
        });
      else if (execution.submittedAtMs < Date.now() - keepMs) options.records.delete(execution.id);
  }

  /** Starts a query, or queues it. @throws {@link ServiceError} */
  start(request: QueryRequest): QueryExecution {
    const { sql, parameters, database, workGroup, token } = request;
    const hash = createHash('sha256')
      .update(JSON.stringify([workGroup, token]))
      .digest();
    const id = uuidText(hash.subarray(0, 16));
    const known = this.#options.records.get(id);
    if (known) {
      if (known.sql === sql && JSON.stringify(known.parameters) === JSON.stringify(parameters))
        return known;
      throw invalidRequest('Idempotent parameters do not match', 'IDEMPOTENT_PARAMETER_MISMATCH');
    }
    if (sql.trim() === '') throw invalidRequest('queryString is empty');
    if (sql.length > maxSqlCharacters)
      throw invalidRequest(`queryString has more than ${maxSqlCharacters} characters`);
    const output = this.#output(request, id);
    if (this.#isClosed || this.#queue.length >= maxQueued)
      throw new ServiceError('TooManyRequestsException', 'Rate exceeded', {
        Reason: 'CONCURRENT_QUERY_LIMIT_EXCEEDED',
      });
    const execution: QueryExecution = {
      id,
      sql,
      parameters,
      database,
      workGroup,
      output,
      state: 'QUEUED',
      submittedAtMs: Date.now(),
    };
    this.#put(execution);
    this.#queue.push(id);
    this.#next();
    return execution;
  }

  #output({ sql, workGroup, outputLocation }: QueryRequest, id: string): QueryExecution['output'] {
    const group = this.#options.workGroups.find(({ name }) => name === workGroup);
    if (!group) throw invalidRequest(`WorkGroup ${workGroup} is not found.`);
    const location = group.isEnforced
      ? group.outputLocation
      : (outputLocation ?? group.outputLocation);
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(location ?? '') ?? [];
    if (bucket === undefined || prefix === undefined)
      throw invalidRequest(
        'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
      );
    const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
    const ending = /^\s*unload\b/i.test(sql) ? '-manifest.csv' : '.csv';
    return { bucket, key: `${folder}${id}${ending}` };
  }

  #next(): void {
    while (this.#running.size < maxRunning) {
      const id = this.#queue.shift();
      if (id === undefined) return;
      void this.#run(this.get(id));
    }
  }

  async #run(queued: QueryExecution): Promise<void> {
    const { id, sql, parameters, output } = queued;
    const { run, timeoutMs } = this.#options;
    const controller = new AbortController();
    this.#running.set(id, controller);
    const running: QueryExecution = { ...queued, state: 'RUNNING', startedAtMs: Date.now() };
    this.#put(running);
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const signal = AbortSignal.any([controller.signal, timeout.signal]);
    const outcome = await run({ id, sql, parameters, output }, signal).catch(
      (error: unknown): QueryOutcome => ({ ok: false, message: String(error) }),
    );
    clearTimeout(timer);
    this.#running.delete(id);
    const ended = { ...running, completedAtMs: Date.now() };
    if (outcome.ok) {
      const { columns, isUnload, rows } = outcome.result;
      this.#put({ ...ended, state: 'SUCCEEDED', columns, isUnload, rows });
    } else if (timeout.signal.aborted)
      this.#put({ ...ended, state: 'FAILED', reason: `Query timeout after ${timeoutMs / 1000} s` });
    else if (controller.signal.aborted)
      this.#put({ ...ended, state: 'CANCELLED', reason: 'Query cancelled by user' });
    else this.#put({ ...ended, state: 'FAILED', reason: outcome.message });
    this.#next();
  }

  #put(execution: QueryExecution): void {
    this.#options.records.put(execution.id, execution);
    if (!hasEnded(execution.state)) return;
    for (const resolve of this.#waiting.get(execution.id) ?? []) resolve(execution);
    this.#waiting.delete(execution.id);
  }

  /** Returns an execution. @throws {@link ServiceError} */
  get(id: string): QueryExecution {
    const execution = this.#options.records.get(id);
    if (!execution) throw invalidRequest(`QueryExecution ${id} was not found`);
    return execution;
  }

  /** Resolves when a query has ended. @throws {@link ServiceError} */
  finished(id: string): Promise<QueryExecution> {
    const execution = this.get(id);
    if (hasEnded(execution.state)) return Promise.resolve(execution);
    return new Promise((resolve) => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]);
    });
  }

  /** Reads rows of a query that succeeded, preceded by the column names. @throws {@link ServiceError} */
  async results(
    id: string,
    { fromByte, maxRows }: { readonly fromByte: number; readonly maxRows: number },
  ): Promise<ResultPage & { readonly columns: readonly ResultColumn[] }> {
    const { state, reason, output, columns = [], isUnload } = this.get(id);
    if (!hasEnded(state))
      throw invalidRequest(
        `Query has not yet finished. Current state: ${state}`,
        'QUERY_NOT_READY',
      );
    if (state !== 'SUCCEEDED')
      throw invalidRequest(
        `Query did not finish successfully. Final query state: ${state}${reason === undefined ? '' : ` (${reason})`}`,
      );
    if (isUnload) return { rows: [], nextByte: undefined, columns };
    const file = objectFile(this.#options.objects, output.bucket, output.key) ?? '';
    try {
      return { ...(await readResultPage(file, { fromByte, maxRows })), columns };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw invalidRequest(
        `Could not find results: s3://${output.bucket}/${output.key} is not there any more`,
      );
    }
  }

  /** Cancels a query; does nothing where it has ended. @throws {@link ServiceError} */
  stop(id: string): void {
    const execution = this.get(id);
    const at = this.#queue.indexOf(id);
    if (at >= 0) {
      this.#queue.splice(at, 1);
      this.#put({
        ...execution,
        state: 'CANCELLED',
        reason: 'Query cancelled by user',
        completedAtMs: Date.now(),
      });
    } else this.#running.get(id)?.abort();
  }

  /** Cancels all queries and accepts no further ones. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#queue, ...this.#running.keys()];
    for (const id of open) this.stop(id);
    await Promise.all(open.map((id) => this.finished(id)));
  }
}

const invalidRequest = (message: string, code?: string): ServiceError =>
  new ServiceError('InvalidRequestException', message, code ? { AthenaErrorCode: code } : {});
