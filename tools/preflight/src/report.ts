import { checkList, countByStatus, type CheckResult, type Status } from '@sluice/checks';
import type { PreflightCheck } from './checks/preflight-check';

export interface Report {
  readonly stage: string;
  readonly startedAt: string;
  readonly checks: readonly CheckResult<PreflightCheck>[];
  readonly seconds: number;
}

export type Summary = Readonly<Record<Status, number>> & { readonly seconds: number };

export const summary = ({ checks, seconds }: Report): Summary => ({
  ...countByStatus(checks),
  seconds,
});

/** Writes the checks, and below them the steps for the user. Commands are not wrapped, so that they can be pasted. */
export function reportText({ checks }: Report): string {
  const list = checkList(checks, ({ checks: what, observed }) => ({ checks: what, observed }));
  const toDo = checks
    .filter(({ status }) => status === 'failed' || status === 'advice')
    .map(({ id, status, toDo: lines = [], source }) =>
      [`${status} ${id}`, ...lines, source].join('\n  '),
    );
  return [list, ...toDo].join('\n\n');
}
