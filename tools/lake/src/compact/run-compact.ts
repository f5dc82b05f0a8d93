import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { tableName, type EventType } from '@sluice/event-schema';
import { readFolderCatalog } from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import { wrapText } from '@sluice/terminal';
import { CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import type { CompactDayResult } from '@sluice/lake-maintenance';
import { openBucket, openDataDirLake, UsageError, type OpenedLake } from '../open-lake';
import { parseCompactCommand, type CompactCommand } from './compact-options';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Terminal {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

interface Target {
  readonly lake: OpenedLake;
  /** What the lake is called where lists of files name it. */
  readonly bucket: string;
  readonly eventTypes: readonly EventType[];
}

/** Compacts what the command line names, and tells a person how that went. @returns the exit status */
export async function runCompact(terminal: Terminal): Promise<number> {
  const { args, env, stderr } = terminal;
  try {
    const command = parseCompactCommand(args);
    const target = await openTarget(command, env);
    try {
      return await compact(command, target, terminal);
    } finally {
      await target.lake.close();
    }
  } catch (error) {
    // Commander has written its own sentence already.
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`error: ${error.message}\n`);
    return 1;
  }
}

async function openTarget(
  { dataDir, bucket: named }: CompactCommand,
  env: Environment,
): Promise<Target> {
  const bucket = named ?? env['LAKE_BUCKET'];
  const definitions = env['SLUICE_EVENTS_DIR'];
  if (bucket)
    return { lake: await openBucket(bucket), bucket, eventTypes: eventTypesOf(definitions) };
  const lake = await openDataDirLake(dataDir);
  const endpoints = JSON.parse(readFileSync(dataDirectory(dataDir).endpointsFile, 'utf8')) as {
    readonly bucket: string;
  };
  return {
    lake,
    bucket: endpoints.bucket,
    eventTypes: eventTypesOf(definitions ?? dataDirectory(dataDir).definitions),
  };
}

const eventTypesOf = (folder: string | undefined): readonly EventType[] =>
  readFolderCatalog(folder, shippedDefinitions).catalog.eventTypes;

async function compact(
  { event, date, seal, json }: CompactCommand,
  { lake, bucket, eventTypes }: Target,
  { stdout, stderr }: Terminal,
): Promise<number> {
  const wanted = eventTypes.filter(
    (one) => event === undefined || one.name === event || tableName(one) === event,
  );
  if (wanted.length === 0)
    throw new UsageError(
      `there is no event type ${event ?? ''}; there is ${eventTypes.map(({ name }) => name).join(', ')}`,
    );
  // What writes Parquet takes most of the time to load, and is not needed to refuse a command line.
  const { compactTable } = await import('@sluice/lake-maintenance');
  const days: CompactDayResult[] = [];
  for (const eventType of wanted)
    for (const day of await compactTable({ store: lake.store, bucket, eventType, date, seal })) {
      days.push(day);
      if (day.rows > 0 || day.refused.length > 0) stderr.write(`${dayText(day)}\n`);
    }
  if (days.every(({ rows }) => rows === 0)) stderr.write('There was nothing to compact.\n');
  if (json) stdout.write(`${JSON.stringify(summary(days))}\n`);
  return days.every(({ refused }) => refused.length === 0) ? 0 : 1;
}

/** Such as `order, 2026-01-31: 1,200 rows in 1 file, 3 raw files taken in 0.4 s`. */
function dayText({ table, date, rows, ...day }: CompactDayResult): string {
  const { compactedFiles, rawFilesAbsorbed, sealed, refused, ms } = day;
  const files = (count: number, kind: string): string =>
    `${count.toLocaleString('en')} ${kind}${count === 1 ? '' : 's'}`;
  return [
    wrapText(
      `${table}, ${date}: ${rows.toLocaleString('en')} rows in ${files(compactedFiles, 'file')}, ${files(rawFilesAbsorbed, 'raw file')} taken in ${(ms / 1000).toFixed(1)} s${sealed ? ', sealed' : ''}`,
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
