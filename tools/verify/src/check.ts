import type { VerifyRun } from './verify-run';

/** One assumption of the design, put to the test. */
export interface Check {
  /** `<part>.<what>`, as reports and `--only` name it. */
  readonly id: string;
  /** What the design leans on, as a sentence. */
  readonly assumption: string;
  readonly expected: string;
  /** Checks without which this one says nothing; it is skipped where one of them did not pass. */
  readonly needs?: readonly string[];
  /**
   * @returns what was observed, where it is as expected
   * @throws {@link Unexpected} where it is not, {@link NotApplicable} where it can't be tried; any other error is
   *   reported as what was observed
   */
  readonly run: (run: VerifyRun) => Promise<string>;
}

/** What was observed is not what was expected. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** The assumption can't be tried here; the message says why. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

export type Status = 'passed' | 'failed' | 'skipped';

export interface CheckResult extends Pick<Check, 'id' | 'assumption' | 'expected'> {
  readonly status: Status;
  readonly observed: string;
  readonly seconds: number;
}
