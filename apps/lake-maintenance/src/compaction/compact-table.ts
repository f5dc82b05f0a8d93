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
  /** One day; otherwise every day that has something to do. */
  readonly date?: LakeDate | undefined;
  /**
   * Etags of manifests, by key, whose days were found to be done. A caller who keeps it for the next run spares one request
   * for each of these days.
   */
  readonly done?: Map<string, string>;
}

/** Days of a table that can't be compacted. All others were. */
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
 * Compacts the days of a table, the newest first: look-ups of the running day gain the most. A day that can't be compacted does not
 * keep the others from it.
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

/** Days with raw files, and days that are not done: not sealed and announced, or with files still to be swept. */
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
      // Compaction of its day names it.
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
