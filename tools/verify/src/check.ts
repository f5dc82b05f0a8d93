import type { CheckResult as Result, NamedCheck } from '@sluice/checks';
import type { VerifyRun } from './verify-run';

/** A test of one assumption of the design. */
export interface Check extends NamedCheck<VerifyRun> {
  /** The assumption, as a sentence. */
  readonly assumption: string;
  readonly expected: string;
}

export type CheckResult = Result<Check>;
