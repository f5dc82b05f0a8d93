import type { LakeDate } from '@sluice/lake-layout';
import { erasedRows } from '@sluice/privacy/erasures';
import type { KnownObjects } from './known-objects';

/** Removals from a day by erasures of people. */
export interface ErasedDay {
  readonly rows: number;
  /** Number of erasures that found rows in the day. */
  readonly erasures: number;
  /** End of the last pass that removed rows, in milliseconds since 1970. */
  readonly lastMs: number;
}

/** Returns what the newest erasures removed from the days of a table. */
export async function erasedDays(
  known: KnownObjects,
  table: string,
): Promise<ReadonlyMap<LakeDate, ErasedDay>> {
  const days = new Map<LakeDate, ErasedDay>();
  for (const erasure of await known.erasures()) {
    const counted = new Set<LakeDate>();
    for (const { date, rows, atMs } of erasedRows(erasure, table)) {
      if (rows === 0) continue;
      const before = days.get(date) ?? { rows: 0, erasures: 0, lastMs: 0 };
      days.set(date, {
        rows: before.rows + rows,
        erasures: before.erasures + (counted.has(date) ? 0 : 1),
        lastMs: Math.max(before.lastMs, atMs),
      });
      counted.add(date);
    }
  }
  return days;
}
