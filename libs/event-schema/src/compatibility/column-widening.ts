import type { ColumnType } from '@sluice/values';

/**
 * What the change of a column's type means for files of the old type, whose values Sluice's readers give as the new
 * one without changing any, or can't (`other`). A column that is `promoted` is one that the open table follows as
 * well; it can't follow one that is only `wider` (Iceberg spec, "Schema Evolution").
 */
export type ColumnWidening = 'same' | 'promoted' | 'wider' | 'other';

/**
 * Decides whether files of the old column type can be read as the new one, and by whom. A double can't hold every
 * integer of 64 bits, so a bigint may become a decimal but not a double.
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
