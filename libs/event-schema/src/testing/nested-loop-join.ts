import type { ColumnType } from '@sluice/values';
import { joinColumns, joinKeys, type Join } from '../definitions/define-join';
import type { DuckDbRow } from './duckdb-catalog';

/**
 * Returns the text by which a value of one key type is compared with one of another: numbers by value, all others by
 * text.
 */
function keyText(type: ColumnType, value: unknown): string | null {
  if (typeof value !== 'string') return null;
  switch (type.kind) {
    case 'bigint':
    case 'decimal':
      return value
        .replace(/^(-?)\./, '$10.')
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '')
        .replace(/^-0$/, '0');
    case 'timestamp':
      return value.padEnd(20, '.').padEnd(23, '0').slice(0, 23);
    default:
      return value;
  }
}

/**
 * Returns the text of a key beside a text key. A decimal has all the digits of its scale: 1.50 is "1.50" and not
 * "1.5".
 */
function textKey(type: ColumnType, value: unknown): string | null {
  return typeof value === 'string' && type.kind !== 'timestamp' ? value : keyText(type, value);
}

/** Cuts the text of a time to milliseconds, without zeros at its end. */
const cutTime = (value: unknown): unknown =>
  typeof value === 'string'
    ? value.replace(/(\.\d{3})\d*$/, '$1').replace(/\.0+$|(\.\d*[1-9])0+$/, '$1')
    : value;

/** Computes a join as a nested loop over rows: its result, and its report. */
export function nestedLoopJoin(
  join: Join,
  left: readonly DuckDbRow[],
  right: readonly DuckDbRow[],
) {
  const keys = joinKeys(join);
  const isNumber = ({ kind }: ColumnType): boolean => kind === 'bigint' || kind === 'decimal';
  const byValue = isNumber(keys.left.type) === isNumber(keys.right.type);
  const key = (side: 'left' | 'right', row: DuckDbRow): string | null =>
    (byValue ? keyText : textKey)(keys[side].type, row[join.on[side]]);
  const columns = joinColumns(join);
  const result = (l: DuckDbRow | undefined, r: DuckDbRow | undefined): DuckDbRow =>
    Object.fromEntries(
      columns.map(({ name, side, source, type }) => {
        const value = (side === 'left' ? l : r)?.[source] ?? null;
        return [name, side === 'left' && type.kind === 'timestamp' ? cutTime(value) : value];
      }),
    );
  const matches = left.flatMap((l) =>
    right.flatMap((r) => {
      const [a, b] = [key('left', l), key('right', r)];
      return a !== null && a === b ? [{ l, r }] : [];
    }),
  );
  const alone = {
    left: left.filter((row) => !matches.some(({ l }) => l === row)),
    right: right.filter((row) => !matches.some(({ r }) => r === row)),
  };
  const rightKeys = right.map((row) => key('right', row)).filter((each) => each !== null);
  return {
    rows: [
      ...matches.map(({ l, r }) => result(l, r)),
      ...(join.type === 'left' ? alone.left.map((l) => result(l, undefined)) : []),
      ...(join.type === 'right' ? alone.right.map((r) => result(undefined, r)) : []),
    ],
    report: {
      left_rows: left.length,
      right_rows: right.length,
      result_rows: matches.length + (join.type === 'inner' ? 0 : alone[join.type].length),
      unmatched_left: alone.left.length,
      unmatched_right: alone.right.length,
      null_left_keys: left.filter((row) => key('left', row) === null).length,
      null_right_keys: right.filter((row) => key('right', row) === null).length,
      duplicate_right_keys: new Set(
        rightKeys.filter((each, index) => rightKeys.indexOf(each) < index),
      ).size,
    },
  };
}
