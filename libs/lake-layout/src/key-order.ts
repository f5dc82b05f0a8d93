import type { ColumnType } from '@sluice/event-schema';
import type { KeyText } from './manifest';

/** Negative where `a` comes first, as in `Array.prototype.sort`. */
export type KeyOrder = (a: KeyText, b: KeyText) => number;

/**
 * The order of keys in compacted files: numbers by value, text by its UTF-8 bytes, as Parquet's statistics
 * are ordered (parquet-format, ColumnOrder). JavaScript's own order of strings differs beyond U+D7FF.
 */
export function keyOrder(type: ColumnType): KeyOrder {
  switch (type.kind) {
    case 'bigint':
      return compareIntegers;
    case 'decimal':
      return (a, b) => compareIntegers(unscaled(a, type.scale), unscaled(b, type.scale));
    default:
      return compareUtf8;
  }
}

function compareIntegers(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** `-1.5` at scale 2 → `-150`. */
function unscaled(text: string, scale: number): string {
  const [whole = '0', fraction = ''] = text.split('.');
  return whole + fraction.padEnd(scale, '0');
}

const firstSurrogate = 0xd800;
const lastSurrogate = 0xdfff;

/** Compares by UTF-8 bytes without encoding: the two orders differ only where a surrogate meets U+E000 or above. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const leftIsSurrogate = left >= firstSurrogate && left <= lastSurrogate;
    const rightIsSurrogate = right >= firstSurrogate && right <= lastSurrogate;
    if (leftIsSurrogate === rightIsSurrogate) return left - right;
    return leftIsSurrogate ? 1 : -1;
  }
  return a.length - b.length;
}
