import type { ColumnType } from '@sluice/values';

/**
 * Effect of a column's new type on files of the old type. Sluice reads such files exactly, except for `other`. The
 * Iceberg table can follow a change that is `promoted`, but not one that is only `wider` (Iceberg spec, "Schema
 * Evolution").
 */
export type ColumnWidening = 'same' | 'promoted' | 'wider' | 'other';

/**
 * Returns who can read files of the old column type as the new one. A double can't hold every integer of 64 bits, so
 * a bigint may become a decimal but not a double.
 */
export function columnWidening(before: ColumnType, after: ColumnType): ColumnWidening {
  if (JSON.stringify(before) === JSON.stringify(after)) return 'same';
  if (before.kind === 'array' && after.kind === 'array')
    return columnWidening(before.items, after.items);
  switch (after.kind) {
    case 'timestamp':
      // Every timestamp of the open table has microseconds.
      return before.kind === 'timestamp' && before.digits < after.digits ? 'promoted' : 'other';
    case 'decimal': {
      const whole = after.precision - after.scale;
      if (before.kind === 'bigint') return whole >= maxBigintDigits ? 'wider' : 'other';
      if (before.kind !== 'decimal' || whole < before.precision - before.scale) return 'other';
      if (after.scale === before.scale) return 'promoted';
      return after.scale > before.scale ? 'wider' : 'other';
    }
    default:
      return 'other';
  }
}

const maxBigintDigits = 19;
