import { tableName, type EventType } from '@sluice/event-schema';
import {
  commitManifest,
  dateOfKey,
  errorsPrefix,
  indexPrefix,
  isRawFile,
  keyFilterPrefix,
  manifestKey,
  manifestPrefix,
  PreconditionFailedError,
  rawFileToken,
  rawPrefix,
  rawTablePrefix,
  readManifest,
  replaysPrefix,
  resultSymlinkKey,
  sealedMarkerKey,
  unabsorbedFiles,
  type LakeDate,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
  type StoredManifest,
} from '@sluice/lake-layout';
import { sweepDay } from '../compaction/sweep-day';
import { firstKeptDays, overdueMs } from './last-days';

export interface ExpireTableOptions {
  readonly store: ObjectStore;
  readonly eventType: EventType;
  /** Names of the joins whose results belong to the table's days. @default none */
  readonly joins?: readonly string[];
  /** True to report what would be removed, without changing anything. @default false */
  readonly dryRun?: boolean;
  /** Moment after which no day is begun, in milliseconds since 1970. @default none */
  readonly deadlineMs?: number;
  readonly now?: () => number;
}

export interface ExpiredDay {
  readonly date: LakeDate;
  /** Number of rows in compacted files. */
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
}

export interface ExpireResult {
  readonly table: string;
  readonly dryRun: boolean;
  readonly legalHold: boolean;
  /** Days whose rows were removed from the manifest, or would be. */
  readonly days: readonly ExpiredDay[];
  /** Number of expired raw files, on days whose rows are kept. */
  readonly rawFiles: number;
  /** Number of objects of the error output, including replays' notes about them. */
  readonly errorObjects: number;
  /** Number of files that were deleted now, of days that expired before. */
  readonly swept: number;
  /** False where the deadline came first, or another writer; the next run continues. */
  readonly complete: boolean;
  /** Milliseconds by which the oldest remaining day is past its retention; 0 where none is. */
  readonly overdueMs: number;
}

const dayMs = 86_400_000;

/** Milliseconds for which an empty manifest is kept, for programs that follow manifests: 7 days. */
const emptyManifestMs = 7 * dayMs;

/**
 * Removes the days of a table that are past their retention from the lake. One commit of the manifest for each day
 * hides its rows from look-ups, from SQL and from everything that follows the manifest; the files are deleted after a
 * grace period, as after a compaction, and finally the manifest itself. After any interruption the next run
 * continues.
 */
export async function expireTable(options: ExpireTableOptions): Promise<ExpireResult> {
  const { store, eventType, dryRun = false, deadlineMs = Infinity, now = Date.now } = options;
  const table = tableName(eventType);
  const first = firstKeptDays(eventType, now());
  const days: ExpiredDay[] = [];
  let swept = 0;
  let rawFiles = 0;
  let complete = true;
  for (const date of first.rows === undefined ? [] : await daysBefore(store, table, first.rows)) {
    if (now() >= deadlineMs) {
      complete = false;
      break;
    }
    const outcome = await expireDay(date, table, options);
    if (outcome === 'conflict') complete = false;
    else {
      if (outcome.expired) days.push(outcome.expired);
      swept += outcome.swept;
    }
  }
  if (first.raw !== undefined && now() < deadlineMs)
    for (const [date, files] of await rawDaysBefore(store, table, first.raw)) {
      if (first.rows !== undefined && date < first.rows) continue;
      const left = await expireRaw(date, files, table, options);
      if (left === 'conflict') complete = false;
      else rawFiles += left;
    }
  const errorObjects =
    first.errors !== undefined && now() < deadlineMs
      ? await expireErrors(first.errors, table, options)
      : 0;
  const isComplete = complete && now() < deadlineMs;
  return {
    table,
    dryRun,
    legalHold: eventType.legalHold === true,
    days,
    rawFiles,
    errorObjects,
    swept,
    complete: isComplete,
    overdueMs: isComplete || dryRun ? 0 : await longestOverdueMs(store, eventType, now()),
  };
}

/** Returns the milliseconds by which the oldest remaining data is past its retention. */
async function longestOverdueMs(
  store: ObjectStore,
  eventType: EventType,
  nowMs: number,
): Promise<number> {
  const table = tableName(eventType);
  const first = firstKeptDays(eventType, nowMs);
  let longest = 0;
  const see = (date: LakeDate | undefined, firstKept: LakeDate): void => {
    if (date !== undefined && date < firstKept)
      longest = Math.max(longest, overdueMs(date, firstKept, nowMs));
  };
  if (first.rows !== undefined) see(await oldestRows(store, table, first.rows), first.rows);
  if (first.raw !== undefined)
    for (const [date, files] of await rawDaysBefore(store, table, first.raw)) {
      const stored = await readManifest(store, table, date);
      if (unabsorbedFiles(stored?.manifest, files).length > 0) see(date, first.raw);
    }
  if (first.errors !== undefined)
    for (const prefix of [errorsPrefix(table), replaysPrefix(table)])
      for await (const { key } of store.list(prefix)) see(dateOfKey(key), first.errors);
  return longest;
}

/** Returns the oldest day before one that still has rows. */
async function oldestRows(
  store: ObjectStore,
  table: string,
  first: LakeDate,
): Promise<LakeDate | undefined> {
  for (const date of await daysBefore(store, table, first)) {
    const raw: ObjectInfo[] = [];
    for await (const file of store.list(rawPrefix(table, date))) raw.push(file);
    const manifest = (await readManifest(store, table, date))?.manifest;
    if ((manifest?.files.length ?? 0) + unabsorbedFiles(manifest, raw).length > 0) return date;
  }
  return undefined;
}

/** Returns the days with a manifest or raw files, the oldest first. */
async function daysBefore(
  store: ObjectStore,
  table: string,
  first: LakeDate,
): Promise<readonly LakeDate[]> {
  const dates = new Set<LakeDate>();
  for (const prefix of [manifestPrefix(table), rawTablePrefix(table)])
    for await (const { key } of store.list(prefix)) {
      const date = dateOfKey(key);
      // Keys are in the order of days, followed by those without a day.
      if (date !== undefined && date >= first) break;
      if (date !== undefined) dates.add(date);
    }
  return [...dates].sort();
}

interface DayOutcome {
  readonly expired: ExpiredDay | undefined;
  readonly swept: number;
}

async function expireDay(
  date: LakeDate,
  table: string,
  { store, joins = [], dryRun = false, now = Date.now }: ExpireTableOptions,
): Promise<DayOutcome | 'conflict'> {
  const raw: ObjectInfo[] = [];
  for await (const file of store.list(rawPrefix(table, date))) raw.push(file);
  const stored = await readManifest(store, table, date);
  const files = stored?.manifest.files ?? [];
  const waiting = unabsorbedFiles(stored?.manifest, raw);
  const isEmpty = files.length === 0 && waiting.length === 0;
  const of = [...files, ...waiting];
  const expired: ExpiredDay | undefined = isEmpty
    ? undefined
    : {
        date,
        rows: files.reduce((sum, { rows }) => sum + rows, 0),
        files: of.length,
        bytes: of.reduce((sum, { bytes }) => sum + bytes, 0),
      };
  if (dryRun) return { expired, swept: 0 };
  if (expired)
    try {
      await commitManifest(store, emptyDay(date, table, stored, waiting, now()), stored);
    } catch (error) {
      if (error instanceof PreconditionFailedError) return 'conflict';
      throw error;
    }
  // A run that was interrupted after the commit comes here again.
  await store.delete([
    sealedMarkerKey(table, date),
    ...joins.map((join) => resultSymlinkKey(join, date)),
  ]);
  const { swept } = await sweepDay({ store, table, date, now });
  if (isEmpty && stored) await endDay(date, table, stored, { store, now });
  return { expired, swept };
}

/** Returns a manifest of a day without rows, which names the files to be swept. */
const emptyDay = (
  date: LakeDate,
  table: string,
  stored: StoredManifest | undefined,
  waiting: readonly ObjectInfo[],
  atMs: number,
): Manifest => {
  const {
    absorbed = [],
    replaced = [],
    files = [],
    keyFilter,
    indexes = [],
  } = stored?.manifest ?? {};
  const keys = [
    files,
    keyFilter ?? [],
    ...indexes.flatMap((index) => [index.files, index.valueFilter ?? [], index.places ?? []]),
  ]
    .flat()
    .map(({ key }) => key);
  return {
    formatVersion: 1,
    table,
    date,
    // No raw files are expected for a sealed day, and this one is not announced.
    sealed: true,
    announced: true,
    files: [],
    absorbed: [
      ...absorbed,
      ...(waiting.length > 0 ? [{ atMs, tokens: waiting.map(rawFileToken) }] : []),
    ],
    replaced: [...replaced, ...(keys.length > 0 ? [{ atMs, keys }] : [])],
    updatedAtMs: atMs,
  };
};

/**
 * Deletes the rest of a day once all of its files are gone and every program that follows manifests has seen that it
 * is empty.
 */
async function endDay(
  date: LakeDate,
  table: string,
  { manifest }: StoredManifest,
  { store, now }: { readonly store: ObjectStore; readonly now: () => number },
): Promise<void> {
  if (manifest.absorbed.length > 0 || manifest.replaced.length > 0) return;
  const left: string[] = [];
  for (const prefix of [keyFilterPrefix(table, date), indexPrefix(table, date)])
    for await (const { key } of store.list(prefix)) left.push(key);
  await store.delete(left);
  if (manifest.updatedAtMs + emptyManifestMs <= now())
    await store.delete([manifestKey(table, date)]);
}

/** Returns the raw files by day, for the days before one. */
async function rawDaysBefore(
  store: ObjectStore,
  table: string,
  first: LakeDate,
): Promise<ReadonlyMap<LakeDate, readonly ObjectInfo[]>> {
  const days = new Map<LakeDate, ObjectInfo[]>();
  for await (const file of store.list(rawTablePrefix(table))) {
    const date = dateOfKey(file.key);
    if (date === undefined || !isRawFile(file)) continue;
    if (date >= first) break;
    const files = days.get(date);
    if (files) files.push(file);
    else days.set(date, [file]);
  }
  return days;
}

/** Hides raw files that were never absorbed, for the sweep to delete. Absorbed ones are swept anyway. */
async function expireRaw(
  date: LakeDate,
  files: readonly ObjectInfo[],
  table: string,
  { store, dryRun = false, now = Date.now }: ExpireTableOptions,
): Promise<number | 'conflict'> {
  const stored = await readManifest(store, table, date);
  const waiting = unabsorbedFiles(stored?.manifest, files);
  if (waiting.length === 0 || dryRun) return waiting.length;
  const atMs = now();
  const manifest: Manifest = {
    ...(stored?.manifest ?? emptyDay(date, table, undefined, [], atMs)),
    absorbed: [...(stored?.manifest.absorbed ?? []), { atMs, tokens: waiting.map(rawFileToken) }],
    updatedAtMs: atMs,
  };
  try {
    await commitManifest(store, manifest, stored);
  } catch (error) {
    if (error instanceof PreconditionFailedError) return 'conflict';
    throw error;
  }
  return waiting.length;
}

/** Deletes failed records and replays' notes about them; neither look-ups nor queries read these. */
async function expireErrors(
  first: LakeDate,
  table: string,
  { store, dryRun = false }: ExpireTableOptions,
): Promise<number> {
  const keys: string[] = [];
  for (const prefix of [errorsPrefix(table), replaysPrefix(table)])
    for await (const { key } of store.list(prefix)) {
      const date = dateOfKey(key);
      if (date !== undefined && date < first) keys.push(key);
    }
  if (!dryRun && keys.length > 0) await store.delete(keys);
  return keys.length;
}
