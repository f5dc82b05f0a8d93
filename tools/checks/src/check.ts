/** One thing that is looked at, with a name. Commands add what their reports show of it. */
export interface NamedCheck<Context> {
  /** `<part>.<what>`, as reports and `--only` name it. */
  readonly id: string;
  /** Checks without which this one says nothing; it is skipped where one of them found a fault. */
  readonly needs?: readonly string[];
  /**
   * @returns what was observed, as text where that is as it should be
   * @throws {@link Unexpected} where it is not, {@link NotApplicable} where it can't be tried; any other error is
   *   reported as what was observed, and the check has failed
   */
  readonly run: (context: Context) => Promise<string | Outcome>;
}

/** `advice` is no fault: something that may become one, or that can't be known from here. */
export type Status = 'passed' | 'failed' | 'advice' | 'skipped';

export interface Outcome {
  readonly status: Status;
  readonly observed: string;
  /** What a person does about it, a line each: sentences, and commands that can be pasted. */
  readonly toDo?: readonly string[];
}

/** What was observed is not what was expected. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** The check can't be tried here; the message says why. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** A check with what became of it. */
export type CheckResult<Check extends NamedCheck<never>> = Omit<Check, 'needs' | 'run'> &
  Outcome & { readonly seconds: number };
