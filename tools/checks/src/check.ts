/** A named check. Commands extend it with what their reports show. */
export interface NamedCheck<Context> {
  /** Id in reports and in `--only`: `<part>.<what>`. */
  readonly id: string;
  /** Ids of checks that this one depends on. It is skipped where one of them found a fault. */
  readonly needs?: readonly string[];
  /**
   * Runs the check.
   *
   * @returns what was observed, as text where that is as expected
   * @throws {@link Unexpected} where it is not, {@link NotApplicable} where the check can't be tried; any other error
   * is reported as what was observed, and the check has failed
   */
  readonly run: (context: Context) => Promise<string | Outcome>;
}

/** Status of a check. `advice` is no fault, but something that may become one, or that can't be known from here. */
export type Status = 'passed' | 'failed' | 'advice' | 'skipped';

export interface Outcome {
  readonly status: Status;
  readonly observed: string;
  /** Steps for the user, a line each: sentences, and commands that can be pasted. */
  readonly toDo?: readonly string[];
}

/** Error for an observation that differs from what was expected. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** Error for a check that can't be tried here; the message says why. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** A check with its result. */
export type CheckResult<Check extends NamedCheck<never>> = Omit<Check, 'needs' | 'run'> &
  Outcome & { readonly seconds: number };
