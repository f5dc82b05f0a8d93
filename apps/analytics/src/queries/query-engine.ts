export type QueryState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** One execution of a query. */
export interface QueryExecution {
  readonly id: string;
  readonly workGroup: string;
  /** The statement that was started, with `?` for its parameters. */
  readonly sql: string;
  readonly state: QueryState;
  /** Why it failed or was cancelled. */
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
  /** Values as text, null where there is none. No row of names. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Token of the next page; absent on the last one. */
  readonly nextToken?: string;
}

/** What runs queries and keeps their results for a while. */
export interface QueryEngine {
  /**
   * @param parameters SQL literals, one for each `?`
   * @returns the id of the execution
   * @throws EngineBusy where it takes no more for now
   */
  start(query: { readonly sql: string; readonly parameters: readonly string[] }): Promise<string>;
  /** Undefined where there is no such execution, or it is not for this caller. */
  find(id: string): Promise<QueryExecution | undefined>;
  /**
   * Rows of a succeeded execution, at most `maxRows` (1 to 1,000). Undefined where they are gone or the token is none of its.
   *
   * @param token of the page before; absent for the first
   */
  page(id: string, maxRows: number, token?: string): Promise<ResultPage | undefined>;
  stop(id: string): Promise<void>;
}

/** The engine takes no more for now; the same call may succeed in seconds. */
export class EngineBusy extends Error {
  override readonly name = 'EngineBusy';
}
