import { wrapText } from '@sluice/terminal';
import type { ReplayReport, ReportGroup, Verdict } from '@sluice/failed-records/replay';
import { counted, countText } from '@sluice/values/figures';

const did: Readonly<Record<Verdict, readonly [done: string, wouldBe: string]>> = {
  sent: ['sent', 'would be sent'],
  'still-failing': ['still failing', 'still failing'],
  refused: ['refused', 'refused'],
  unreadable: ['unreadable', 'unreadable'],
};

/** Writes the report of a replay or of its dry run for a terminal: each reason with its first record, then the sums. */
export function renderReplayReport(report: ReplayReport): string {
  const { table, dryRun, objects, skippedObjects, sent, left, groups } = report;
  if (objects === 0 && groups.length === 0)
    return wrapText(
      `No event of ${table} has failed${skippedObjects > 0 ? ` that was not replayed before (${skippedObjects} ${skippedObjects === 1 ? 'object was' : 'objects were'})` : ''}: there is nothing to replay.`,
    );
  if (groups.length === 0 && sent === 0 && left === 0)
    return wrapText(
      `${table}: ${objects === 1 ? 'the one object' : `all ${objects} objects`} of failed records ${objects === 1 ? 'was' : 'were'} replayed before; nothing is left.`,
    );
  const objectCount = `${counted(objects, 'object')} of failed records`;
  return [
    ...groups.map((group) => groupText(group, dryRun)),
    wrapText(
      `${table}: ${objectCount} (${skippedObjects} done before), ${counted(sent, 'record')} ${dryRun ? 'would be sent' : 'sent'}, ${left} left`,
    ),
    ...(dryRun && sent > 0 ? ['Nothing was sent; run it without --dry-run to send them.'] : []),
    ...(sent === 0 && left > 0
      ? [
          wrapText(
            `${dryRun ? 'None would be sent' : 'None was sent'}. Loosen the schema, or fix the events on the way with --transform FILE (--help has an example).`,
          ),
        ]
      : []),
  ].join('\n');
}

/** Writes the outcome of the records that a replay sent into a local stack: rows, failures, or none yet. */
export function outcomeText(
  sent: number,
  { rows, failed }: { readonly rows: number; readonly failed: number },
): string {
  const open = Math.max(0, sent - rows - failed);
  return wrapText(
    [
      `${counted(sent, 'record')} sent: ${counted(rows, 'row')}`,
      ...(failed > 0 ? [`${countText(failed)} failed again`] : []),
      ...(open > 0 ? [`${countText(open)} on their way still`] : []),
    ].join(', ') + '.',
  );
}

function groupText(group: ReportGroup, dryRun: boolean): string {
  const { records, verdict, kind, errorCode, reason, example } = group;
  const [done, wouldBe] = did[verdict];
  const what = `${counted(records, 'record')} ${dryRun ? wouldBe : done}`;
  const indent = { first: '  ', rest: '    ' };
  return [
    wrapText(`${what} (${[kind, errorCode].filter((text) => text !== '').join(', ')})`, {
      rest: indent.first,
    }),
    ...(reason === '' ? [] : [wrapText(reason, indent)]),
    `  first: line ${example.line + 1} of`,
    `    ${example.key}`,
    // Unchanged, because it is meant to be copied.
    ...(example.body === undefined ? [] : [`  body: ${example.body}`]),
    '',
  ].join('\n');
}
