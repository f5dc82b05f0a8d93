import { tableName, type EventType } from '@sluice/event-schema';
import {
  dateOfKey,
  ManifestError,
  manifestPrefix,
  rawTablePrefix,
  readManifest,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { compactDay, type CompactDayOptions, type CompactDayResult } from './compact-day';

export interface CompactTableOptions extends Omit<CompactDayOptions, 'date'> {
  /** Day to compact. @default every day that has something to do */
  readonly date?: LakeDate | undefined;
  /**
   * ETags of manifests, by key, whose days were found to be done. Keeping this map for the next run saves one request
   * for each of these days.
   */
  readonly done?: Map<string, string>;
}

/** Error for days of a table that can't be compacted. All other days were compacted. */
export class FailedDaysError extends Error {
  override readonly name = 'FailedDaysError';
  constructor(
    table: string,
    readonly faults: readonly { readonly date: LakeDate; readonly error: Error }[],
  ) {
    super(
      `${table} was not compacted on ${faults.map(({ date, error }) => `${date}: ${error.message}`).join('; on ')}`,
      { cause: faults[0]?.error },
    );
  }
}

/**
 * Compacts the days of a table, the newest first, because look-ups of the current day gain most. A day that can't be
 * compacted does not stop the others.
 *
 * @throws FailedDaysError
 */
export async function compactTable({
  date,
  done = new Map(),
  ...options
}: CompactTableOptions): Promise<readonly CompactDayResult[]> {
  const { store, eventType, publication, deadlineMs = Infinity, now = Date.now } = options;
  const dates =
    date === undefined ? await daysToCompact(store, eventType, { done, publication }) : [date];
  const results: CompactDayResult[] = [];
  const faults: { readonly date: LakeDate; readonly error: Error }[] = [];
  for (const each of dates) {
    if (now() >= deadlineMs) break;
    try {
      results.push(await compactDay({ ...options, date: each }));
    } catch (error) {
      faults.push({ date: each, error: error as Error });
    }
  }
  if (faults.length > 0) throw new FailedDaysError(tableName(eventType), faults);
  return results;
}

/**
 * Returns the days with raw files, and the days that are not done: not sealed and announced, or with files still to
 * be swept.
 */
async function daysToCompact(
  store: ObjectStore,
  eventType: EventType,
  {
    done,
    publication,
  }: { readonly done: Map<string, string> } & Pick<CompactDayOptions, 'publication'>,
): Promise<readonly LakeDate[]> {
  const table = tableName(eventType);
  const dates = new Set<LakeDate>();
  const withManifest = new Set<LakeDate>();
  for await (const { key } of store.list(rawTablePrefix(table))) {
    const date = dateOfKey(key);
    if (date !== undefined) dates.add(date);
  }
  for await (const { key, etag } of store.list(manifestPrefix(table))) {
    const date = dateOfKey(key);
    if (date === undefined) continue;
    withManifest.add(date);
    if (dates.has(date) || done.get(key) === etag) continue;
    const stored = await readManifest(store, table, date).catch((error: unknown) => {
      // Compaction of the manifest's day reports it.
      if (error instanceof ManifestError) dates.add(date);
      else throw error;
    });
    if (!stored) continue;
    publication?.see(stored.manifest);
    const { announced, absorbed, replaced } = stored.manifest;
    if (!announced || absorbed.length > 0 || replaced.length > 0) dates.add(date);
    else done.set(key, stored.etag);
  }
  publication?.seeDays(withManifest);
  return [...dates].sort().reverse();
}
