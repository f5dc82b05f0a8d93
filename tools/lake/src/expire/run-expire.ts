import { tableName } from '@sluice/event-schema';
import { readFolderCatalog } from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import type { ExpireResult } from '@sluice/lake-maintenance';
import { wrapText } from '@sluice/terminal';
import {
  readCommandLine,
  runCommand,
  UsageError,
  type Terminal,
} from '@sluice/terminal/command-line';
import { Command } from 'commander';
import {
  addedDefinitions,
  addLakeOptions,
  lakeErrors,
  namedLake,
  openNamedLake,
  type LakeOptions,
} from '../lake-options';

/** Options of the command line. */
interface ExpireCommand extends LakeOptions {
  /** Name of an event type or of its table; undefined for all. */
  readonly event?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const parse = (terminal: Terminal): ExpireCommand => {
  const command = addLakeOptions(
    new Command('npm run lake -- expire')
      .description(
        'Takes days that are past their retention out of the lake now, as the schedule does once a day: one commit for each day; its files go an hour later, with the compaction that comes then.',
      )
      .option('--event <name>', 'event type, or its table; all by default')
      .option('--dry-run', 'say what would go, and change nothing', false),
  )
    .option('--json', 'write what was done as a last line of JSON', false)
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
  runCommand(terminal, lakeErrors, async () => {
    const { env, stdout, stderr } = terminal;
    const command = parse(terminal);
    const { event, dryRun, json } = command;
    const named = namedLake(command, env);
    const { eventTypes, joins } = readFolderCatalog(
      addedDefinitions(named, env),
      shippedDefinitions,
    ).catalog;
    const wanted = eventTypes.filter(
      (one) => event === undefined || one.name === event || tableName(one) === event,
    );
    if (wanted.length === 0)
      throw new UsageError(
        `there is no event type ${event ?? ''}; there is ${eventTypes.map(({ name }) => name).join(', ')}`,
      );
    const lake = await openNamedLake(named);
    try {
      const { expireTable } = await import('@sluice/lake-maintenance');
      const results: ExpireResult[] = [];
      for (const eventType of wanted) {
        const result = await expireTable({
          store: lake.store,
          eventType,
          dryRun,
          joins: joins
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
    } finally {
      await lake.close();
    }
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

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
