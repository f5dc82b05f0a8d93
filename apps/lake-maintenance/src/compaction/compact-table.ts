import { tableName, type EventType } from '@sluice/event-schema';
import {
  dateOfKey,
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
}

/** Compacts the days of a table, the newest first: look-ups of the running day gain the most. */
export async function compactTable({
  date,
  ...options
}: CompactTableOptions): Promise<readonly CompactDayResult[]> {
  const { store, eventType, deadlineMs = Infinity, now = Date.now } = options;
  const dates = date === undefined ? await daysToCompact(store, eventType) : [date];
  const results: CompactDayResult[] = [];
  for (const each of dates) {
    if (now() >= deadlineMs) break;
    results.push(await compactDay({ ...options, date: each }));
  }
  return results;
}

/** Days with raw files, and days that are not done: not sealed and announced, or with files still to be swept. */
async function daysToCompact(
  store: ObjectStore,
  eventType: EventType,
): Promise<readonly LakeDate[]> {
  const table = tableName(eventType);
  const dates = new Set<LakeDate>();
  for await (const { key } of store.list(rawTablePrefix(table))) {
    const date = dateOfKey(key);
    if (date !== undefined) dates.add(date);
  }
  for await (const { key } of store.list(manifestPrefix(table))) {
    const date = dateOfKey(key);
    if (date === undefined || dates.has(date)) continue;
    const stored = await readManifest(store, table, date);
    if (!stored) continue;
    const { announced, absorbed, replaced } = stored.manifest;
    if (!announced || absorbed.length > 0 || replaced.length > 0) dates.add(date);
  }
  return [...dates].sort().reverse();
}
