import type { ColumnType } from '@sluice/values';

/**
 * Decides whether Sluice's readers can read files of the old column type as the new one without changing any value. A
 * double can't hold every integer of 64 bits, so a bigint may become a decimal but not a double.
 */
export function columnWidening(before: ColumnType, after: ColumnType): 'same' | 'wider' | 'other' {
  if (JSON.stringify(before) === JSON.stringify(after)) return 'same';
  if (before.kind === 'array' && after.kind === 'array')
    return columnWidening(before.items, after.items);
  switch (after.kind) {
    case 'timestamp':
      return before.kind === 'timestamp' && before.digits < after.digits ? 'wider' : 'other';
    case 'decimal': {
      const whole = after.precision - after.scale;
      if (before.kind === 'bigint') return whole >= maxBigintDigits ? 'wider' : 'other';
      return before.kind === 'decimal' &&
        whole >= before.precision - before.scale &&
        after.scale >= before.scale
        ? 'wider'
        : 'other';
    }
    default:
      return 'other';
  }
}

const maxBigintDigits = 19;
