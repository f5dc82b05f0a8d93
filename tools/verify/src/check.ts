import type { CheckResult as Result, NamedCheck } from '@sluice/checks';
import type { VerifyRun } from './verify-run';

/** One assumption of the design, put to the test. */
export interface Check extends NamedCheck<VerifyRun> {
  /** What the design leans on, as a sentence. */
  readonly assumption: string;
  readonly expected: string;
}

export type CheckResult = Result<Check>;
