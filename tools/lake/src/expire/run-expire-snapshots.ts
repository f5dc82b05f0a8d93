import type { ExpiryResult } from '@sluice/lake-maintenance';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, type Terminal } from '@sluice/terminal/command-line';
import { Command, InvalidArgumentError } from 'commander';
import { counted, minuteText } from '@sluice/values/figures';
import { addLakeOptions } from '../lake-options';
import { runOnTables, type TableOptions } from '../lake-tables';
import { lakePublisher } from '../lake-publisher';

/** Options of the command line. */
interface ExpireSnapshotsCommand extends TableOptions {
  /** Age in days up to which snapshots are kept; undefined for the table's own. */
  readonly days?: number;
  /** Number of newest snapshots that are kept; undefined for the table's own. */
  readonly keep?: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const dayMs = 86_400_000;

/** Parses a number that is not negative. @throws InvalidArgumentError for any other text */
function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It must be a number of at least 0.');
  return value;
}

/** Parses a whole number from 1 up. @throws InvalidArgumentError for any other text */
function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return Number(text);
}

const parse = (terminal: Terminal): ExpireSnapshotsCommand => {
  const command = addLakeOptions(
    new Command('npm run lake -- expire-snapshots')
      .description(
        'Removes old snapshots of the Iceberg tables, and the metadata that only they name. Later compactions delete data files that no snapshot and no look-up needs any more. By default the settings of the stage (`snapshots`) say what to keep; options replace them for this run.',
      )
      .option('--event <name>', 'event type or its table; all by default')
      .option('--days <n>', 'keep the snapshots of the last <n> days', amount)
      .option('--keep <n>', 'keep the newest <n> snapshots, however old', count)
      .option('--dry-run', 'report what would be removed, and change nothing', false),
  )
    .option('--json', 'write the result as JSON in the last line', false)
    .addHelpText(
      'after',
      `
Examples:
  npm run lake -- expire-snapshots --dry-run
  npm run lake -- expire-snapshots --event order --days 0.5 --keep 10`,
    );
  return readCommandLine(command, terminal, () => command.opts<ExpireSnapshotsCommand>());
};

/** Expires snapshots of the tables that the command line names, and reports the result. @returns the exit code */
export const runExpireSnapshots = (terminal: Terminal): Promise<number> =>
  runOnTables(terminal, parse, async ({ command, lake, eventTypes }) => {
    const { stdout, stderr } = terminal;
    const { days, keep, dryRun, json } = command;
    const retention = {
      ...(days !== undefined && { maxAgeMs: days * dayMs }),
      ...(keep !== undefined && { minSnapshots: keep }),
    };
    const results: ExpiryResult[] = [];
    for (const eventType of eventTypes) {
      const publisher = await lakePublisher(lake, eventType);
      const planned = await publisher.expire({ retention, dryRun: true });
      if (!dryRun) await publisher.expire({ retention });
      results.push(planned);
      stderr.write(`${wrapText(resultText(planned, dryRun))}\n`);
    }
    if (json) stdout.write(`${JSON.stringify({ dryRun, tables: results })}\n`);
    return 0;
  });

/** Writes the result for a table. */
function resultText(
  { table, expired, kept, deleted, released = [] }: ExpiryResult,
  dryRun: boolean,
): string {
  const keeps = `${counted(kept, 'snapshot')} ${kept === 1 ? 'is' : 'are'} kept`;
  if (kept === 0) return `${table}: there is no snapshot yet`;
  if (expired.length === 0 && deleted.length === 0) return `${table}: nothing to expire, ${keeps}`;
  const parts = [
    ...(expired.length > 0
      ? [
          `${counted(expired.length, 'snapshot')} from ${minuteText(expired[0] ?? 0)} to ${minuteText(expired.at(-1) ?? 0)}`,
        ]
      : []),
    ...(deleted.length > 0 ? [`${counted(deleted.length, 'file')} of metadata`] : []),
  ];
  const data =
    released.length > 0
      ? `; ${counted(released.length, 'data file')} that only they name ${dryRun ? 'would go' : 'go'} with the compactions that follow`
      : '';
  return `${table}: ${parts.join(' and ')} ${dryRun ? 'would go' : 'gone'}${data}; ${keeps}`;
}
