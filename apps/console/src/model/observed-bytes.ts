import { assumptions } from '@sluice/cost-model';
import type { LiveRecord, TableOverview } from './facts';

/** Origin of the size of an event. */
export type BytesSource = 'arrived' | 'stored';

/** Number of rows below which files are mostly metadata, so that their size says nothing about an event's. */
const minRows = 500;

/**
 * Returns the mean size of an event as JSON, in bytes: of recent events, or else estimated from the size of stored
 * rows and the assumed compression.
 *
 * @returns undefined where neither is known
 */
export function observedBytes(
  tables: readonly Pick<TableOverview, 'bytes' | 'rows'>[],
  arrived: readonly Pick<LiveRecord, 'bytes'>[],
): { readonly bytes: number; readonly source: BytesSource } | undefined {
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  if (arrived.length > 0)
    return {
      bytes: Math.max(1, Math.round(sum(arrived.map(({ bytes }) => bytes)) / arrived.length)),
      source: 'arrived',
    };
  const rows = sum(tables.map((table) => table.rows));
  if (rows < minRows) return undefined;
  const stored = sum(tables.map(({ bytes }) => bytes)) / rows;
  return { bytes: Math.max(1, Math.round(stored / assumptions.parquetShare)), source: 'stored' };
}
