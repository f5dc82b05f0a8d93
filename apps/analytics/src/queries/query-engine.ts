export type QueryState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** One execution of a query. */
export interface QueryExecution {
  readonly id: string;
  readonly workGroup: string;
  /** SQL of the statement, with `?` for its parameters. */
  readonly sql: string;
  readonly state: QueryState;
  /** The reason why it failed or was cancelled. */
  readonly reason?: string;
  readonly submittedAt?: Date;
  readonly bytesScanned?: number;
}

/** A column of a result, with the engine's own name of its type. */
export interface ResultColumn {
  readonly name: string;
  /** Athena's name of the type: `varchar`, `bigint`, `decimal`, … */
  readonly type: string;
  readonly precision?: number;
  readonly scale?: number;
}

export interface ResultPage {
  readonly columns: readonly ResultColumn[];
  /** Values as text, or null. There is no row of names. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Token of the next page; absent on the last one. */
  readonly nextToken?: string;
}

/** An engine that runs queries and keeps their results for a while. */
export interface QueryEngine {
  /**
   * Starts a query.
   *
   * @param parameters SQL literals, one for each `?`
   * @returns the id of the execution
   * @throws EngineBusy where the engine accepts no more for now
   */
  start(query: { readonly sql: string; readonly parameters: readonly string[] }): Promise<string>;
  /** Returns an execution; undefined where there is none, or this caller may not see it. */
  find(id: string): Promise<QueryExecution | undefined>;
  /**
   * Returns at most `maxRows` (1 to 1,000) rows of a succeeded execution. Undefined where they have expired or the
   * token is not one of its own.
   *
   * @param token from the previous page; absent for the first
   */
  page(id: string, maxRows: number, token?: string): Promise<ResultPage | undefined>;
  stop(id: string): Promise<void>;
}

/** Error of an engine that accepts no further query for now. The same call may succeed seconds later. */
export class EngineBusy extends Error {
  override readonly name = 'EngineBusy';
}
