export type RunState = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One run of a join, as the executor tells of it. */
export interface JoinRun {
  readonly state: RunState;
  /** What it was started with. */
  readonly input: unknown;
  /** What it gave back; of a succeeded run alone. */
  readonly output?: unknown;
  readonly startedAt?: Date;
  readonly stoppedAt?: Date;
  /** The step that failed. */
  readonly error?: string;
  /** What that step said. */
  readonly cause?: string;
}

/** What runs joins. */
export interface JoinRuns {
  /** @throws RunsBusy where it takes no more for now */
  start(run: { readonly join: string; readonly id: string; readonly date: string }): Promise<void>;
  /** Undefined where the join has no such run. */
  find(run: { readonly join: string; readonly id: string }): Promise<JoinRun | undefined>;
}

/** The executor takes no more for now; the same call may succeed in seconds. */
export class RunsBusy extends Error {
  override readonly name = 'RunsBusy';
}
