import { tableName, type EventType } from '@sluice/event-schema';
import {
  dateOfKey,
  manifestPrefix,
  readManifest,
  type LakeDate,
  type Manifest,
  type ObjectStore,
} from '@sluice/lake-layout';
import { compactDay, type CompactDayOptions, type RefusedFile } from './compact-day';
import { indexPaths, unindexedFiles } from './day-indexes';
import { pathsWithoutPlaces } from './plan-step';

export interface ReindexTableOptions extends Pick<
  CompactDayOptions,
  'store' | 'eventType' | 'codec' | 'maxStepBytes' | 'now'
> {
  /** Days, both inclusive. @default all */
  readonly from?: LakeDate | undefined;
  readonly to?: LakeDate | undefined;
  /** True to report what would be read, without changing anything. @default false */
  readonly dryRun?: boolean;
  /** Called after each day. */
  readonly onDay?: (day: ReindexedDay, progress: ReindexProgress) => void;
}

export interface ReindexedDay {
  readonly date: LakeDate;
  /** Number of compacted files that lacked entries. */
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  readonly refused: readonly RefusedFile[];
}

/** Progress of a run through the days that lacked entries when it began. */
export interface ReindexProgress {
  readonly days: number;
  readonly ofDays: number;
  readonly bytes: number;
  readonly ofBytes: number;
}

export interface ReindexResult {
  readonly table: string;
  readonly dryRun: boolean;
  /** Paths of the indexes; none for a table that has none. */
  readonly indexes: readonly string[];
  /** Days that got entries, or would in a dry run, the newest first. */
  readonly days: readonly ReindexedDay[];
  /** False where a file can't be read; the next run tries again. */
  readonly complete: boolean;
}

/**
 * Builds the indexes of days that were compacted before the event type had these indexes, the newest day first. Each
 * step ends with a commit of the day's manifest, so the work can be interrupted, repeated, and run beside compaction.
 */
export async function reindexTable({
  from,
  to,
  dryRun = false,
  onDay = () => undefined,
  ...options
}: ReindexTableOptions): Promise<ReindexResult> {
  const { store, eventType } = options;
  const table = tableName(eventType);
  const indexes = indexPaths(eventType);
  const waiting = indexes.length === 0 ? [] : await daysToIndex(store, eventType, { from, to });
  const ofBytes = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  const days: ReindexedDay[] = [];
  let bytes = 0;
  let complete = true;
  for (const day of waiting) {
    const { refused } = dryRun
      ? { refused: [] }
      : await compactDay({ ...options, date: day.date, onlyIndexes: true });
    if (refused.length > 0) complete = false;
    const done = { ...day, refused };
    days.push(done);
    bytes += day.bytes;
    onDay(done, { days: days.length, ofDays: waiting.length, bytes, ofBytes });
  }
  return { table, dryRun, indexes, days, complete };
}

async function daysToIndex(
  store: ObjectStore,
  eventType: EventType,
  {
    from = '',
    to = '9',
  }: { readonly from?: LakeDate | undefined; readonly to?: LakeDate | undefined },
): Promise<readonly Omit<ReindexedDay, 'refused'>[]> {
  const table = tableName(eventType);
  const dates: LakeDate[] = [];
  for await (const { key } of store.list(manifestPrefix(table))) {
    const date = dateOfKey(key);
    if (date !== undefined && date >= from && date <= to) dates.push(date);
  }
  const days: Omit<ReindexedDay, 'refused'>[] = [];
  for (const date of dates.sort().reverse()) {
    const manifest = (await readManifest(store, table, date))?.manifest;
    const files = manifest ? filesToIndex(manifest, eventType) : [];
    if (files.length === 0) continue;
    const sum = (of: 'rows' | 'bytes'): number => files.reduce((all, file) => all + file[of], 0);
    days.push({ date, files: files.length, rows: sum('rows'), bytes: sum('bytes') });
  }
  return days;
}

/**
 * Returns the files of a day that lack entries; all files where the day has no object that locates the rows of a
 * value.
 */
function filesToIndex(manifest: Manifest, eventType: EventType) {
  const paths = indexPaths(eventType);
  const unindexed = unindexedFiles(manifest, paths);
  const lacksPlaces = pathsWithoutPlaces(manifest, paths).length > 0;
  return lacksPlaces ? manifest.files : unindexed;
}
