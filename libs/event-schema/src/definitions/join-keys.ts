import type { Column } from '../schema/columns';
import type { ColumnType } from '@sluice/values';
import { glueType } from '../sql/type-names';

export interface KeyColumns {
  readonly left: Column;
  readonly right: Column;
}

/** Way in which two keys are compared. */
type KeyComparison =
  | { readonly how: 'as they are' }
  /** Both are cast to a type that holds the values of both. */
  | { readonly how: 'cast'; readonly type: CommonType }
  | { readonly how: 'refused'; readonly why: string };

type CommonType = Extract<ColumnType, { kind: 'decimal' | 'string' | 'timestamp' }>;

const maxPrecision = 38;
/** Largest number of digits of an integer of 64 bits. */
const integerDigits = 19;

const isExactNumber = ({ kind }: ColumnType): boolean => kind === 'bigint' || kind === 'decimal';
const scaleOf = (type: ColumnType): number => (type.kind === 'decimal' ? type.scale : 0);
const wholeDigitsOf = (type: ColumnType): number =>
  type.kind === 'decimal' ? type.precision - type.scale : integerDigits;

function keyComparison(left: Column, right: Column): KeyComparison {
  const [a, b] = [left.type, right.type];
  const refused = (why: string): KeyComparison => ({
    how: 'refused',
    why: `"${left.name}" is ${glueType(a)} and "${right.name}" ${glueType(b)}; ${why}`,
  });
  if (a.kind === 'timestamp' && b.kind === 'timestamp')
    // Athena reads all times in milliseconds, so other engines must compare milliseconds too.
    return a.digits > 3 || b.digits > 3
      ? { how: 'cast', type: { kind: 'timestamp', digits: 3 } }
      : { how: 'as they are' };
  if (a.kind === 'timestamp' || b.kind === 'timestamp')
    return refused('join a time with a time only, as engines write its digits differently');
  if (a.kind === b.kind && a.kind !== 'decimal') return { how: 'as they are' };
  if (isExactNumber(a) && isExactNumber(b)) {
    const scale = Math.max(scaleOf(a), scaleOf(b));
    return scale + Math.max(wholeDigitsOf(a), wholeDigitsOf(b)) > maxPrecision
      ? refused(`no decimal of ${maxPrecision} digits holds the values of both`)
      : { how: 'cast', type: { kind: 'decimal', precision: maxPrecision, scale } };
  }
  if ([a, b].some((type) => type.kind === 'decimal' && wholeDigitsOf(type) === 0))
    return refused('engines write a decimal without whole digits differently (0.5 and .5)');
  return { how: 'cast', type: { kind: 'string' } };
}

/** Returns the reason why two keys can't be compared; undefined where they can. */
export function keyMismatch({ left, right }: KeyColumns): string | undefined {
  const comparison = keyComparison(left, right);
  return comparison.how === 'refused' ? comparison.why : undefined;
}

/**
 * Writes the SQL of a key so that it can be compared with the key of the other side. Numbers are compared by value;
 * other keys of different types are compared by their text: `"123"` equals 123, `"0123"` does not.
 *
 * @param key SQL of the column of one side
 * @param options both columns, and the engine's names of types
 */
export function comparableKey(
  key: string,
  { left, right, typeName }: KeyColumns & { readonly typeName: (type: ColumnType) => string },
): string {
  const comparison = keyComparison(left, right);
  return comparison.how === 'cast' ? `CAST(${key} AS ${typeName(comparison.type)})` : key;
}
