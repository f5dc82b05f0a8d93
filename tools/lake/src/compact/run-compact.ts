import { tableName } from '@sluice/event-schema';
import type { CompactDayResult } from '@sluice/lake-maintenance';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, type Terminal } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { counted, durationText } from '@sluice/values/figures';
import { addLakeOptions, day } from '../lake-options';
import { runOnTables, type TableOptions } from '../lake-tables';
import { lakePublisher } from '../lake-publisher';

/** Options of the command line. */
interface CompactCommand extends TableOptions {
  /** A day; undefined for every day that has something to do. */
  readonly date?: string;
  readonly seal: boolean;
  readonly json: boolean;
}

function parse(terminal: Terminal): CompactCommand {
  const command = addLakeOptions(
    new Command('npm run lake -- compact')
      .description(
        'Compacts now: sorts raw files by key, lists them for SQL, and publishes them to other engines. The schedule does the same every few minutes.',
      )
      .option('--event <name>', 'event type or its table; all by default')
      .option(
        '--date <day>',
        'such as 2026-01-31; by default every day that has something to do',
        day,
      )
      .option(
        '--seal',
        'seal that day early; look-ups find later arrivals only after the next compaction, up to five minutes late',
        false,
      ),
  )
    .option('--json', 'write the result as JSON in the last line', false)
    .addHelpText(
      'after',
      `
Examples:
  npm run lake -- compact
  npm run lake -- compact --event order --date 2026-01-31
  npm run lake -- compact --bucket my-lake --event order`,
    );
  return readCommandLine(command, terminal, () => {
    const options = command.opts<CompactCommand>();
    if (options.seal && options.date === undefined) command.error('error: --seal needs --date');
    return options;
  });
}

/** Compacts what the command line names, and reports the result to the user. @returns the exit code */
export const runCompact = (terminal: Terminal): Promise<number> =>
  runOnTables(terminal, parse, async ({ command, lake, eventTypes }) => {
    const { stdout, stderr } = terminal;
    const { date, seal, json } = command;
    // What writes Parquet takes most of the time to load, and is not needed to refuse a command line.
    const { store } = lake;
    const { compactAndPublish } = await import('@sluice/lake-maintenance');
    const days: CompactDayResult[] = [];
    const faults: string[] = [];
    for (const eventType of eventTypes) {
      const publisher = await lakePublisher(lake, eventType);
      const { failed, published, ...compacted } = await compactAndPublish({
        publisher,
        store,
        date,
        seal,
      });
      if (failed) faults.push(failed.message);
      for (const day of compacted.days) {
        days.push(day);
        if (day.rows > 0 || day.refused.length > 0) stderr.write(`${dayText(day)}\n`);
      }
      const { fault } = published;
      if (fault !== undefined) faults.push(`${tableName(eventType)} was not published: ${fault}`);
    }
    if (faults.length === 0 && days.every(({ rows }) => rows === 0))
      stderr.write('There was nothing to compact.\n');
    for (const fault of faults) stderr.write(`${wrapText(fault)}\n`);
    if (json) stdout.write(`${JSON.stringify(summary(days))}\n`);
    return days.every(({ refused }) => refused.length === 0) && faults.length === 0 ? 0 : 1;
  });

/** Writes the result for a day, such as `order, 2026-01-31: 1,200 rows in 1 file, 3 raw files taken in 4.2 s`. */
function dayText({ table, date, rows, ...day }: CompactDayResult): string {
  const { compactedFiles, rawFilesAbsorbed, sealed, refused, ms } = day;
  return [
    wrapText(
      `${table}, ${date}: ${counted(rows, 'row')} in ${counted(compactedFiles, 'file')}, ${counted(rawFilesAbsorbed, 'raw file')} absorbed in ${durationText(ms)}${sealed ? ', sealed' : ''}`,
    ),
    ...refused.map(({ key, reason }) =>
      wrapText(`can't be read: ${key}: ${reason}`, { first: '  ' }),
    ),
  ].join('\n');
}

const summary = (days: readonly CompactDayResult[]) => ({
  days: days.map(({ table, date, rows, rawFilesAbsorbed, compactedFiles, sealed, refused }) => ({
    table,
    date,
    rows,
    rawFilesAbsorbed,
    compactedFiles,
    sealed,
    refused: refused.length,
  })),
});
