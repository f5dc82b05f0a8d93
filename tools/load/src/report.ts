import { textTable } from '@sluice/checks';
import { priceSource } from '@sluice/cost-model';
import { wrapLines } from '@sluice/terminal';
import { countText, dollarsText, measuredText } from '@sluice/values/figures';
import type { LoadPlan } from './plan';
import type { LoadResult } from './run-load';

export interface Report extends LoadResult {
  readonly target: string;
  readonly startedAt: string;
  /** Mark of the run, which every row holds in `unmapped`. */
  readonly mark: string;
  readonly warnings: readonly string[];
  readonly cost: LoadPlan['cost'] & { readonly isBilled: boolean };
}

export interface Summary {
  readonly accepted: number;
  readonly refused: number;
  readonly missing: number;
  readonly lookupsFailed: number;
  readonly seconds: number;
}

export const summary = ({ events, rows, lookups, seconds }: LoadResult): Summary => ({
  accepted: events.accepted,
  refused: Object.values(events.refused).reduce((sum, count) => sum + count, 0),
  missing: rows.missing,
  lookupsFailed: lookups.failed,
  seconds,
});

/**
 * Decides whether a run found a fault: events were lost or not answered, look-ups failed, or nothing was accepted at
 * all. An interruption alone is no fault.
 */
export const isFaulty = (result: LoadResult): boolean => {
  const { accepted, missing, lookupsFailed } = summary(result);
  const hadItsTime = !result.isInterrupted;
  return (
    missing > 0 ||
    lookupsFailed > 0 ||
    (hadItsTime && (accepted === 0 || result.events.unsettled > 0))
  );
};

const ms = (amount: number | undefined): string =>
  amount === undefined ? '–' : `${countText(amount)} ms`;

/** Writes the expected cost of a run. */
export const costText = ({ dollars, pricesOf, isBilled }: Report['cost']): string =>
  `${isBilled ? '' : 'nothing here; on AWS '}some ${dollars < 0.01 ? 'cents or less' : `${dollarsText(dollars)} US$`}, ` +
  `without what the stage costs anyway (list prices of ${pricesOf}, ${priceSource.date})`;

export function reportText(report: Report): string {
  const { events, rows, lookups } = report;
  const lines: (readonly [string, string])[] = [
    ['events asked for', countText(events.asked)],
    ['sent', `${countText(events.sent)}, ${measuredText(events.perSecond)} a second`],
    ...(events.heldBack > 0
      ? [
          [
            'not sent',
            `${countText(events.heldBack)}: as many were on their way as may be; the gateway is slower than the rate`,
          ] as const,
        ]
      : []),
    ['accepted', countText(events.accepted)],
    ...(Object.keys(events.refused).length === 0
      ? [['refused', '0'] as const]
      : Object.entries(events.refused).map(
          ([reason, amount]) => [`refused: ${reason}`, countText(amount)] as const,
        )),
    ...(events.unsettled > 0
      ? [
          [
            'without an answer',
            `${countText(events.unsettled)}: they may become rows or not`,
          ] as const,
        ]
      : []),
    [
      'rows looked for',
      `${countText(rows.sampled)} of those accepted; ${countText(rows.found)} found` +
        (rows.unknown > 0 ? `, ${countText(rows.unknown)} unknown` : ''),
    ],
    ['rows missing', countText(rows.missing)],
    [
      'from post to row',
      `p50 ${ms(rows.p50Ms)}, p99 ${ms(rows.p99Ms)}; looked every ${ms(rows.lookedEveryMs)}`,
    ],
    [
      'look-ups meanwhile',
      `${countText(lookups.made)}, ${measuredText(lookups.perSecond)} a second; p50 ${ms(lookups.p50Ms)}, p99 ${ms(lookups.p99Ms)}`,
    ],
    ['look-ups failed', [countText(lookups.failed), ...lookups.failures].join('; ')],
    ['should cost', costText(report.cost)],
  ];
  return [
    wrapLines(
      `${report.target}, ${measuredText(report.seconds)} s${report.isInterrupted ? ', interrupted' : ''}; rows are marked ${report.mark}`,
    ),
    textTable(
      [
        { title: '', width: 24, text: ([name]) => name },
        { title: '', width: 49, text: ([, value]) => value },
      ],
      lines,
    ),
    ...report.warnings.map((warning) => wrapLines(`warning: ${warning}`)),
  ].join('\n');
}
