import { SourceFileError } from '@sluice/event-files';
import type { EventType } from '@sluice/event-schema';
import type { LakeDate } from '@sluice/lake-layout';
import type { BackfillCounts, BackfillFileResult, TakeFile } from '@sluice/lake-maintenance';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, runCommand, UsageError } from '@sluice/terminal/command-line';
import { startProgress } from '@sluice/terminal/progress';
import { Command, InvalidArgumentError } from 'commander';
import { countText, counted } from '@sluice/values/figures';
import type { LakeTerminal } from '../lake-terminal';
import {
  addLakeOptions,
  day,
  lakeErrors,
  namedLake,
  openNamedLake,
  type LakeOptions,
} from '../lake-options';
import { lakePublisher } from '../lake-publisher';
import { findEventType, servedCatalog } from '../lake-tables';
import type { OpenedLake } from '../open-lake';
import { recordDefinitions } from '../stored-definitions';
import { findPastFiles, type PastFile, type PastFiles } from './source-files';

/** Options of the command line. */
interface BackfillCommand extends LakeOptions {
  readonly sources: readonly string[];
  readonly event: string;
  readonly time?: string;
  readonly date?: LakeDate;
  readonly from?: LakeDate;
  readonly to?: LakeDate;
  readonly overlap: number;
  readonly compact: boolean;
  readonly dryRun: boolean;
  readonly allowFailed: boolean;
  readonly json: boolean;
}

function parse(terminal: LakeTerminal): BackfillCommand {
  const command = addLakeOptions(
    new Command('npm run lake -- backfill')
      .description(
        'Ingests files of past events: each event becomes a row of the day of its own time, as if it had been posted then. ' +
          'Events that can not become rows are kept in the error output. After an interruption, run it again: it resumes, and ingests nothing twice.',
      )
      .argument(
        '<sources...>',
        'files and folders of .json, .ndjson, .jsonl, .csv, .tsv (each also .gz) and .parquet, or s3://bucket/prefix',
      )
      .requiredOption('--event <name>', 'event type')
      .option('--time <path>', 'path of the event time; by default that of the event type')
      .option('--date <day>', 'day for events without a time; by default they fail', day)
      .option('--from <day>', 'first day to ingest', day)
      .option('--to <day>', 'last day to ingest, inclusive', day)
      .option(
        '--overlap <days>',
        'days after its own on which an event may have arrived already; such events stay there',
        days,
        0,
      )
      .option('--no-compact', 'leave compaction to the schedule')
      .option('--dry-run', 'read and count, but write nothing', false)
      .option('--allow-failed', 'exit with 0 even if events failed', false),
  )
    .option('--json', 'write the result as JSON in the last line', false)
    .addHelpText(
      'after',
      `
Exits with 0 if every event is a row, with 1 if an event or a file failed.

Examples:
  npm run lake -- backfill exports/2025 --event order --dry-run
  npm run lake -- backfill exports/2025 --event order
  npm run lake -- backfill s3://old/orders/ --bucket my-lake --event order
  npm run lake -- backfill orders.csv --event order --time placedAt`,
    );
  return readCommandLine(command, terminal, () => {
    const options = command.opts<BackfillCommand>();
    if (options.from !== undefined && options.to !== undefined && options.from > options.to)
      command.error('error: --from is after --to');
    return { ...options, sources: command.args };
  });
}

const maxOverlapDays = 400;

function days(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > maxOverlapDays)
    throw new InvalidArgumentError(`It is a number of days, at most ${maxOverlapDays}.`);
  return count;
}

const howToDefine =
  'Define it (docs/guides/add-an-event-type.md), or have it inferred from one of the files by npm run ingest';

/** Ingests the files that the command line names, and reports the result to the user. @returns the exit code */
export const runBackfill = (terminal: LakeTerminal): Promise<number> =>
  runCommand(terminal, lakeErrors, async () => {
    const { env } = terminal;
    const command = parse(terminal);
    const named = namedLake(command, env);
    const eventType = findEventType(command.event, servedCatalog(named, env), howToDefine);
    const lake = await openNamedLake(named);
    try {
      const found = await findPastFiles(command.sources, async (bucket) => {
        if (bucket === lake.bucket) return lake.store;
        return (await import('../bucket-store')).bucketStore(bucket);
      });
      return await takeFiles(command, lake, eventType, found, terminal);
    } finally {
      await lake.close();
    }
  });

const dayMs = 86_400_000;

/** Result for all files together. */
interface Outcome {
  counts: BackfillCounts;
  readonly days: Map<LakeDate, number>;
  /** Number of files by status. */
  readonly files: Record<BackfillFileResult['status'] | 'unreadable', number>;
}

async function takeFiles(
  command: BackfillCommand,
  lake: OpenedLake,
  eventType: EventType,
  { files, leftAside }: PastFiles,
  { stdout, stderr }: LakeTerminal,
): Promise<number> {
  const startedMs = Date.now();
  // The Parquet writer takes most of the time to load, and is not needed to refuse a command line.
  const { addCounts, backfill, BackfillRefusedError, noCounts } =
    await import('@sluice/lake-maintenance');
  let take: TakeFile;
  try {
    take = backfill({
      ...lake,
      eventType,
      time: command.time,
      date: command.date,
      from: command.from,
      to: command.to,
      lookAheadMs: command.overlap * dayMs,
      isDryRun: command.dryRun,
    });
  } catch (error) {
    if (error instanceof BackfillRefusedError)
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
  const tell = (sentence: string): void => void stderr.write(`${wrapText(sentence)}\n`);
  const outcome: Outcome = {
    counts: noCounts,
    days: new Map(),
    files: { done: 0, known: 0, unfinished: 0, elsewhere: 0, unreadable: 0 },
  };
  if (leftAside > 0)
    tell(
      `${counted(leftAside, 'file')} of other kinds ${leftAside === 1 ? 'is' : 'are'} left aside.`,
    );
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = startProgress({
    label: `Taking ${counted(files.length, 'file')}`,
    total: totalBytes,
    stream: stderr,
  });
  let bytesBefore = 0;
  try {
    for (const file of files) {
      const eventsBefore = outcome.counts.events;
      const result = await takeFile(take, file, (bytes, events) =>
        progress.update(bytesBefore + bytes, eventsBefore + events),
      );
      bytesBefore += file.bytes;
      if (typeof result === 'string') {
        outcome.files.unreadable++;
        tell(result);
        continue;
      }
      outcome.files[result.status]++;
      outcome.counts = addCounts(outcome.counts, result.counts);
      for (const [date, rows] of Object.entries(result.days))
        outcome.days.set(date, (outcome.days.get(date) ?? 0) + rows);
      for (const { code, count, first } of result.faults)
        tell(`${countText(count)} × ${code}; the first: ${first}`);
      if (result.status === 'elsewhere') tell(`${file.name}: another run takes it now.`);
    }
  } finally {
    progress.stop();
  }
  const dates = [...outcome.days.keys()].sort();
  const refused = command.dryRun ? 0 : await settle(command, lake, eventType, dates, stderr);
  tell(summaryText(command, outcome, dates));
  if (command.json)
    stdout.write(
      `${JSON.stringify({
        ...outcome.counts,
        files: outcome.files,
        days: dates.length,
        firstDay: dates[0] ?? null,
        lastDay: dates.at(-1) ?? null,
        dryRun: command.dryRun,
        seconds: (Date.now() - startedMs) / 1000,
      })}\n`,
    );
  const { unreadable, elsewhere } = outcome.files;
  const isWhole = unreadable + elsewhere + refused === 0;
  return isWhole && (outcome.counts.failed === 0 || command.allowFailed) ? 0 : 1;
}

/** Ingests a file. @returns its result, or a sentence about why it can't be read */
async function takeFile(
  take: TakeFile,
  { name, ...file }: PastFile,
  onBytesRead: (bytes: number, events: number) => void,
): Promise<BackfillFileResult | string> {
  try {
    return await file.withPath((path) => take(path, name, onBytesRead));
  } catch (error) {
    if (error instanceof SourceFileError)
      return error.message.includes(name) ? error.message : `${name}: ${error.message}`;
    throw error;
  }
}

/**
 * Records the definition in the lake, compacts the days and publishes them to other engines.
 *
 * @returns the raw files that can't be read
 */
async function settle(
  { compact }: BackfillCommand,
  lake: OpenedLake,
  eventType: EventType,
  dates: readonly LakeDate[],
  stream: NodeJS.WriteStream,
): Promise<number> {
  const { store } = lake;
  if (dates.length === 0) return 0;
  await recordDefinitions(store, [eventType]);
  if (!compact) return 0;
  const { compactDay } = await import('@sluice/lake-maintenance');
  const publisher = await lakePublisher(lake, eventType);
  await publisher.open();
  const label = `Compacting ${counted(dates.length, 'day')}`;
  const progress = startProgress({ label, total: dates.length, stream });
  let refused = 0;
  let rows = 0;
  try {
    for (const [index, date] of dates.entries()) {
      const compacted = await compactDay({
        ...{ store, eventType, date },
        publication: publisher,
      });
      refused += compacted.refused.length;
      rows += compacted.rows;
      progress.update(index + 1, rows);
    }
  } finally {
    progress.stop();
  }
  // The next scheduled compaction publishes whatever is missing.
  const { fault } = await publisher.publish({ sawAll: false });
  if (fault !== undefined) stream.write(`${wrapText(`not published: ${fault}`)}\n`);
  return refused;
}

function summaryText(
  { dryRun, event }: BackfillCommand,
  { counts, files }: Outcome,
  dates: readonly LakeDate[],
): string {
  const parts = [
    `${counted(counts.rows, 'row')} of ${event} on ${counted(dates.length, 'day')}${dates.length > 0 ? ` (${dates[0]} to ${dates.at(-1)})` : ''}`,
    ...(counts.failed > 0 ? [`${countText(counts.failed)} failed`] : []),
    ...(counts.outside > 0 ? [`${countText(counts.outside)} of days not asked for`] : []),
    ...(counts.elsewhere > 0
      ? [`${countText(counts.elsewhere)} there already, on a later day`]
      : []),
    ...(files.known > 0 ? [`${counted(files.known, 'file')} known from an earlier run`] : []),
    ...(files.unreadable > 0 ? [`${counted(files.unreadable, 'file')} can't be read`] : []),
  ];
  return `${dryRun ? 'Would take' : 'Taken'}: ${parts.join(', ')}.`;
}
