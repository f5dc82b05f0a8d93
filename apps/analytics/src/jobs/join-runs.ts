export type RunState = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One run of a join as the executor describes it. */
export interface JoinRun {
  readonly state: RunState;
  /** Input with which the run was started. */
  readonly input: unknown;
  /** Output of the run, if it succeeded. */
  readonly output?: unknown;
  readonly startedAt?: Date;
  readonly stoppedAt?: Date;
  /** Name of the failed step. */
  readonly error?: string;
  /** Cause that the failed step gave. */
  readonly cause?: string;
}

/** A run with the id by which it is found again. */
export interface NamedJoinRun extends JoinRun {
  readonly id: string;
}

/** An executor of joins. */
export interface JoinRuns {
  /** Starts a run. @throws RunsBusy where the executor accepts no more for now */
  start(run: { readonly join: string; readonly id: string; readonly date: string }): Promise<void>;
  /** Returns a run; undefined where the join has none with this id. */
  find(run: { readonly join: string; readonly id: string }): Promise<JoinRun | undefined>;
  /**
   * Returns the latest runs of a join, however they were started, the newest first. @throws RunsBusy as `start` does
   */
  latest(runs: { readonly join: string; readonly most: number }): Promise<readonly NamedJoinRun[]>;
}

/** Error of an executor that accepts no further run for now. The same call may succeed seconds later. */
export class RunsBusy extends Error {
  override readonly name = 'RunsBusy';
}
