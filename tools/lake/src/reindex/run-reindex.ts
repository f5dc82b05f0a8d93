import { tableName } from '@sluice/event-schema';
import type { ReindexResult } from '@sluice/lake-maintenance';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, type Terminal } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { counted } from '@sluice/values/figures';
import { addLakeOptions, day } from '../lake-options';
import { runOnTables, type EventTypeKind, type TableOptions } from '../lake-tables';

/** Options of the command line. */
interface ReindexCommand extends TableOptions {
  readonly from?: string;
  readonly to?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const parse = (terminal: Terminal): ReindexCommand => {
  const command = addLakeOptions(
    new Command('npm run lake -- reindex')
      .description(
        'Builds the indexes of days that were compacted before their event type had them, the newest first. Rows stay unchanged, and ingest, compaction and look-ups continue. After an interruption, the next run resumes.',
      )
      .option('--event <name>', 'event type or its table; all with indexes by default')
      .option('--from <day>', 'first day, such as 2026-01-31; all by default', day)
      .option('--to <day>', 'last day, inclusive', day)
      .option('--dry-run', 'report which days lack an index, and change nothing', false),
  )
    .option('--json', 'write the result as JSON in the last line', false)
    .addHelpText(
      'after',
      `
Examples:
  npm run lake -- reindex --dry-run
  npm run lake -- reindex --event product_event --from 2026-01-01
  npm run lake -- reindex --bucket my-lake --event order`,
    );
  return readCommandLine(command, terminal, () => command.opts<ReindexCommand>());
};

const indexed: EventTypeKind = {
  includes: ({ indexes = [] }) => indexes.length > 0,
  feature: 'with "indexes"',
  absence: 'no event type has "indexes"',
};

/** Indexes what the command line names, and reports the progress. @returns the exit code */
export const runReindex = (terminal: Terminal): Promise<number> =>
  runOnTables(
    terminal,
    parse,
    async ({ command, lake, eventTypes }) => {
      const { stdout, stderr } = terminal;
      const { from, to, dryRun, json } = command;
      const { reindexTable } = await import('@sluice/lake-maintenance');
      const results: ReindexResult[] = [];
      for (const eventType of eventTypes) {
        const result = await reindexTable({
          store: lake.store,
          eventType,
          from,
          to,
          dryRun,
          onDay: ({ date, rows, refused }, progress) => {
            const percent = Math.floor((100 * progress.bytes) / Math.max(1, progress.ofBytes));
            stderr.write(
              `${tableName(eventType)}, ${date}: ${counted(rows, 'row')} ${dryRun ? 'lack entries' : 'indexed'} (day ${progress.days} of ${progress.ofDays}, ${percent} %)\n`,
            );
            for (const { key, reason } of refused)
              stderr.write(`${wrapText(`can't be read: ${key}: ${reason}`, { first: '  ' })}\n`);
          },
        });
        results.push(result);
      }
      stderr.write(`${wrapText(resultText(results, dryRun))}\n`);
      if (json) stdout.write(`${JSON.stringify({ dryRun, tables: results })}\n`);
      return results.every(({ complete }) => complete) ? 0 : 1;
    },
    indexed,
  );

function resultText(results: readonly ReindexResult[], dryRun: boolean): string {
  const days = results.flatMap((result) => result.days);
  if (days.length === 0) return 'Every day has its indexes.';
  const rows = days.reduce((sum, each) => sum + each.rows, 0);
  const refused = days.reduce((sum, each) => sum + each.refused.length, 0);
  return (
    `${counted(rows, 'row')} of ${counted(days.length, 'day')} ${dryRun ? 'would be indexed' : 'indexed'}` +
    (refused > 0 ? `; ${counted(refused, 'file')} can't be read` : '')
  );
}
