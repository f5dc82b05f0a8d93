import type { Column } from './columns';
import type { ColumnType } from './column-type';
import { trinoType } from './catalog/trino-type';

/** How two keys are compared. */
type KeyComparison =
  | { readonly how: 'as they are' }
  /** Both cast to a type that holds the values of both. */
  | { readonly how: 'cast'; readonly type: string }
  | { readonly how: 'refused'; readonly why: string };

const maxPrecision = 38;
/** An integer of 64 bits has up to 19 digits. */
const integerDigits = 19;

const isExactNumber = ({ kind }: ColumnType): boolean => kind === 'bigint' || kind === 'decimal';
const scaleOf = (type: ColumnType): number => (type.kind === 'decimal' ? type.scale : 0);
const wholeDigitsOf = (type: ColumnType): number =>
  type.kind === 'decimal' ? type.precision - type.scale : integerDigits;

function keyComparison(left: Column, right: Column): KeyComparison {
  const [a, b] = [left.type, right.type];
  const both = `"${left.name}" is ${trinoType(a)} and "${right.name}" ${trinoType(b)}`;
  if (a.kind === b.kind && a.kind !== 'decimal') return { how: 'as they are' };
  if (isExactNumber(a) && isExactNumber(b)) {
    const scale = Math.max(scaleOf(a), scaleOf(b));
    return scale + Math.max(wholeDigitsOf(a), wholeDigitsOf(b)) > maxPrecision
      ? { how: 'refused', why: `${both}; no decimal of 38 digits holds the values of both` }
      : { how: 'cast', type: trinoType({ kind: 'decimal', precision: maxPrecision, scale }) };
  }
  if (a.kind === 'timestamp' || b.kind === 'timestamp')
    return {
      how: 'refused',
      why: `${both}; join a time with a time only, as engines write the digits of a second differently`,
    };
  return { how: 'cast', type: 'varchar' };
}

/** Why two keys can't be compared; undefined where they can. */
export function keyMismatch(left: Column, right: Column): string | undefined {
  const comparison = keyComparison(left, right);
  return comparison.how === 'refused' ? comparison.why : undefined;
}

/**
 * A key in SQL, such that it can be compared with that of the other side. Numbers are compared by value, other keys of
 * different types by their text: `"123"` is 123, `"0123"` is not.
 *
 * @param key SQL of the column of one side
 */
export function comparableKey(key: string, left: Column, right: Column): string {
  const comparison = keyComparison(left, right);
  return comparison.how === 'cast' ? `CAST(${key} AS ${comparison.type})` : key;
}
