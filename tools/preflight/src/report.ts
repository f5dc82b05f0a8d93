import { countByStatus, textTable, type CheckResult, type Status } from '@sluice/checks';
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

/** Writes the table, and below it the steps for the user. Commands are not wrapped, so that they can be pasted. */
export function reportText({ checks }: Report): string {
  const table = textTable(
    [
      { title: '', width: 7, text: ({ status }) => status },
      { title: 'check', width: 27, text: ({ id }) => id },
      { title: 'what is looked at', width: 40, text: ({ checks: what }) => what },
      { title: 'observed', width: 50, text: ({ observed }) => observed },
    ],
    checks,
  );
  const toDo = checks
    .filter(({ status }) => status === 'failed' || status === 'advice')
    .map(({ id, status, toDo: lines = [], source }) =>
      [`${status} ${id}`, ...lines, source].join('\n  '),
    );
  return [table, ...toDo].join('\n\n');
}
