import type { Catcher, Retrier } from './state-machine';

/** An error with a name that Retry and Catch know it by. */
export class StateError extends Error {
  override readonly name = 'StateError';
  constructor(
    /** Such as `States.Timeout` or `Athena.TooManyRequestsException`. */
    readonly error: string,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
  }
}

/** These end an execution, whatever it would catch. Source: developer guide, "Error names". */
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
 * Returns the seconds to wait before a retry, or undefined when no retry is left. Source: developer guide, "Retrying after an error".
 *
 * @param retries how many there were by this rule, in this state
 * @param random from 0, inclusive, to 1, exclusive
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
