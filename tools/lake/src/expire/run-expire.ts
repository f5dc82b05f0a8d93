import { tableName } from '@sluice/event-schema';
import type { ExpireResult } from '@sluice/lake-maintenance';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, type Terminal } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { counted } from '@sluice/values/figures';
import { addLakeOptions } from '../lake-options';
import { runOnTables, type TableOptions } from '../lake-tables';

/** Options of the command line. */
interface ExpireCommand extends TableOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
}

const parse = (terminal: Terminal): ExpireCommand => {
  const command = addLakeOptions(
    new Command('npm run lake -- expire')
      .description(
        'Removes days that are past their retention now, as the schedule does once a day. Each day is one commit; its files are deleted by a compaction an hour later.',
      )
      .option('--event <name>', 'event type or its table; all by default')
      .option('--dry-run', 'report what would be removed, and change nothing', false),
  )
    .option('--json', 'write the result as JSON in the last line', false)
    .addHelpText(
      'after',
      `
Examples:
  npm run lake -- expire --dry-run
  npm run lake -- expire --event order --bucket my-lake`,
    );
  return readCommandLine(command, terminal, () => command.opts<ExpireCommand>());
};

/** Expires what the command line names, and reports the result. @returns the exit code */
export const runExpire = (terminal: Terminal): Promise<number> =>
  runOnTables(terminal, parse, async ({ command, lake, eventTypes, catalog }) => {
    const { stdout, stderr } = terminal;
    const { dryRun, json } = command;
    const { expireTable } = await import('@sluice/lake-maintenance');
    const results: ExpireResult[] = [];
    for (const eventType of eventTypes) {
      const result = await expireTable({
        store: lake.store,
        eventType,
        dryRun,
        joins: catalog.joins
          .filter(({ left }) => tableName(left) === tableName(eventType))
          .map(({ name }) => name),
      });
      results.push(result);
      const text = resultText(result);
      if (text !== undefined) stderr.write(`${text}\n`);
    }
    if (results.every((result) => resultText(result) === undefined))
      stderr.write('Nothing is past its retention.\n');
    if (json) stdout.write(`${JSON.stringify({ dryRun, tables: results })}\n`);
    return results.every(({ complete }) => complete) ? 0 : 1;
  });

/** Writes the result for a table; undefined where nothing expired. */
function resultText(result: ExpireResult): string | undefined {
  const { table, dryRun, legalHold, days, rawFiles, errorObjects, swept } = result;
  if (legalHold) return wrapText(`${table}: a legal hold keeps everything`);
  const rows = days.reduce((sum, day) => sum + day.rows, 0);
  const parts = [
    ...(days.length > 0
      ? [
          `${counted(days.length, 'day')} from ${days[0]?.date ?? ''} to ${days.at(-1)?.date ?? ''} with ${counted(rows, 'row')}`,
        ]
      : []),
    ...(rawFiles > 0 ? [counted(rawFiles, 'raw file')] : []),
    ...(errorObjects > 0 ? [counted(errorObjects, 'object') + ' of failed records'] : []),
    ...(swept > 0 ? [`${counted(swept, 'file')} of days that expired before`] : []),
  ];
  if (parts.length === 0) return undefined;
  return wrapText(`${table}: ${parts.join(', ')} ${dryRun ? 'would go' : 'gone'}`);
}
