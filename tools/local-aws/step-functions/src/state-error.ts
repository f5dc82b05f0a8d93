import type { Catcher, Retrier } from './state-machine';

/** Error with a name by which Retry and Catch identify it. */
export class StateError extends Error {
  override readonly name = 'StateError';
  constructor(
    /** Name, such as `States.Timeout` or `Athena.TooManyRequestsException`. */
    readonly error: string,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
  }
}

/** Errors that end an execution even if a Catch covers them. Source: developer guide, "Error names". */
const terminal = ['States.DataLimitExceeded', 'States.Runtime'];

/** Decides whether a Retry or Catch applies to an error. */
export function covers(
  { ErrorEquals }: Pick<Retrier | Catcher, 'ErrorEquals'>,
  error: string,
): boolean {
  if (ErrorEquals.includes(error)) return true;
  if (terminal.includes(error)) return false;
  if (ErrorEquals.includes('States.ALL')) return true;
  return ErrorEquals.includes('States.TaskFailed') && error !== 'States.Timeout';
}

/**
 * Returns the seconds to wait before a retry; undefined where no retry is left. Source: developer guide, "Retrying
 * after an error".
 *
 * @param retries number of retries so far by this rule, in this state
 * @param random from 0 (inclusive) to 1 (exclusive)
 */
export function retryDelaySeconds(
  {
    IntervalSeconds = 1,
    MaxAttempts = 3,
    BackoffRate = 2,
    MaxDelaySeconds,
    JitterStrategy,
  }: Retrier,
  retries: number,
  random: () => number,
): number | undefined {
  if (retries >= MaxAttempts) return undefined;
  const delay = Math.min(IntervalSeconds * BackoffRate ** retries, MaxDelaySeconds ?? Infinity);
  return JitterStrategy === 'FULL' ? delay * random() : delay;
}
