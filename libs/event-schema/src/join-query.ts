import { partitionColumn } from './columns';
import {
  joinColumns,
  joinKey,
  joinSides,
  sideTable,
  type Join,
  type JoinSide,
} from './define-join';
import { comparableKey } from './join-keys';
import { sqlName } from './sql-text';

const alias = { left: '"l"', right: '"r"' } as const;
const joinWords = { inner: 'INNER JOIN', left: 'LEFT JOIN', right: 'RIGHT JOIN' } as const;

const keyOf = (join: Join, key: string): string =>
  comparableKey(key, joinKey(join, 'left'), joinKey(join, 'right'));

/** Rows of a side: of the left those of one day. Athena takes a parameter in a WHERE only. */
const sideRows = (join: Join, side: JoinSide, columns: readonly string[]): string => {
  const rows = `SELECT ${columns.join(', ')} FROM ${sqlName(sideTable(join, side))}`;
  return side === 'left' ? `${rows} WHERE ${sqlName(partitionColumn)} = ?` : rows;
};

/**
 * The rows of a join on one day: one text for Athena, other Trinos and DuckDB. It has one parameter, the day as
 * `YYYY-MM-DD`. Duplicates of a key multiply, as in any SQL; a null key matches nothing.
 */
export function joinQuery(join: Join): string {
  const columns = joinColumns(join);
  const [left, right] = joinSides.map((side) => {
    const sources = new Set([
      join.on[side],
      ...columns.filter((column) => column.side === side).map(({ source }) => source),
    ]);
    return `(${sideRows(join, side, [...sources].map(sqlName))}) AS ${alias[side]}`;
  });
  const [leftKey, rightKey] = joinSides.map((side) =>
    keyOf(join, `${alias[side]}.${sqlName(join.on[side])}`),
  );
  return [
    'SELECT',
    columns
      .map(({ side, source, name }) => `  ${alias[side]}.${sqlName(source)} AS ${sqlName(name)}`)
      .join(',\n'),
    `FROM ${left ?? ''}`,
    `${joinWords[join.type]} ${right ?? ''}`,
    `  ON ${leftKey ?? ''} = ${rightKey ?? ''}`,
  ].join('\n');
}

/** What a join found on one day. */
export interface JoinReport {
  readonly left_rows: number;
  readonly right_rows: number;
  readonly result_rows: number;
  /** Rows of a side that found no partner, those without a key among them. */
  readonly unmatched_left: number;
  readonly unmatched_right: number;
  readonly null_left_keys: number;
  readonly null_right_keys: number;
  /** Keys that more than one row on the right has. */
  readonly duplicate_right_keys: number;
}

/**
 * Counts of a join on one day, as one row of {@link JoinReport}: the same parameter as {@link joinQuery}, and only the keys
 * are read.
 */
export function joinReportQuery(join: Join): string {
  const keys = (side: JoinSide): string =>
    `${alias[side]} AS (SELECT "key", count(*) AS "rows" FROM (` +
    sideRows(join, side, [`${keyOf(join, sqlName(join.on[side]))} AS "key"`]) +
    `) AS "keys" GROUP BY "key")`;
  const matched = '"l"."rows" * "r"."rows"';
  const unmatched = { left: '"r"."rows" IS NULL', right: '"l"."rows" IS NULL' } as const;
  const total = (rows: string, where?: string): string =>
    `CAST(coalesce(sum(${where === undefined ? rows : `CASE WHEN ${where} THEN ${rows} END`}), 0) AS bigint)`;
  const outer = join.type === 'inner' ? undefined : join.type;
  const measures: Readonly<Record<keyof JoinReport, string>> = {
    left_rows: total('"l"."rows"'),
    right_rows: total('"r"."rows"'),
    result_rows:
      outer === undefined
        ? total(matched)
        : total(`CASE WHEN ${unmatched[outer]} THEN ${alias[outer]}."rows" ELSE ${matched} END`),
    unmatched_left: total('"l"."rows"', unmatched.left),
    unmatched_right: total('"r"."rows"', unmatched.right),
    null_left_keys: total('"l"."rows"', '"l"."key" IS NULL'),
    null_right_keys: total('"r"."rows"', '"r"."key" IS NULL'),
    duplicate_right_keys: total('1', '"r"."rows" > 1 AND "r"."key" IS NOT NULL'),
  };
  return [
    `WITH ${keys('left')},`,
    `  ${keys('right')}`,
    'SELECT',
    Object.entries(measures)
      .map(([name, sql]) => `  ${sql} AS ${sqlName(name)}`)
      .join(',\n'),
    'FROM "l" FULL JOIN "r" ON "l"."key" = "r"."key"',
  ].join('\n');
}
