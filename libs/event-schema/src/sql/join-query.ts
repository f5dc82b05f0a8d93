import { trinoType } from './type-names';
import type { ColumnType } from '@sluice/values';
import { partitionColumn } from '../schema/system-columns';
import {
  joinColumns,
  joinKeys,
  joinSides,
  sideColumns,
  sideTable,
  type Join,
  type JoinSide,
} from '../definitions/define-join';
import { comparableKey } from '../definitions/join-keys';
import { sqlName } from './sql-text';

const alias = { left: '"l"', right: '"r"' } as const;
const joinWords = { inner: 'INNER JOIN', left: 'LEFT JOIN', right: 'RIGHT JOIN' } as const;

/** Returns an engine's name for a type to which keys are cast. */
type TypeName = (type: ColumnType) => string;

const comparable = (join: Join, key: string, typeName: TypeName): string =>
  comparableKey(key, { ...joinKeys(join), typeName });

/**
 * Writes a column of a side in SQL. Times of the left side, an Iceberg table, have six digits in Athena, whose UNLOAD
 * writes times of three alone (aws/aws-sdk-pandas issue 2252), and which reads the right side's in three. The others
 * are cut, as a cast would round.
 */
function sideColumn(join: Join, side: JoinSide, name: string, typeName: TypeName): string {
  const type = sideColumns(join, side).find((column) => column.name === name)?.type;
  return side === 'left' && type?.kind === 'timestamp'
    ? `CAST(date_trunc('millisecond', ${sqlName(name)}) AS ${typeName(type)})`
    : sqlName(name);
}

/** Writes the rows of a side in SQL; on the left, only those of one day. Athena accepts a parameter in a WHERE only. */
const sideRows = (join: Join, side: JoinSide, columns: readonly string[]): string => {
  const rows = `SELECT ${columns.join(', ')} FROM ${sqlName(sideTable(join, side))}`;
  return side === 'left' ? `${rows} WHERE ${sqlName(partitionColumn)} = ?` : rows;
};

/**
 * Writes the query for the rows of a join on one day, in SQL that works in Athena, other Trinos and DuckDB. It has
 * one parameter, the day as `YYYY-MM-DD`. Duplicates of a key multiply, as in any SQL; a null key matches nothing.
 *
 * @param typeName for another engine
 */
export function joinQuery(join: Join, typeName: TypeName = trinoType): string {
  const columns = joinColumns(join);
  const [left, right] = joinSides.map((side) => {
    const sources = new Set([
      join.on[side],
      ...columns.filter((column) => column.side === side).map(({ source }) => source),
    ]);
    const selected = [...sources].map((name) => {
      const column = sideColumn(join, side, name, typeName);
      return column === sqlName(name) ? column : `${column} AS ${sqlName(name)}`;
    });
    return `(${sideRows(join, side, selected)}) AS ${alias[side]}`;
  });
  const [leftKey, rightKey] = joinSides.map((side) =>
    comparable(join, `${alias[side]}.${sqlName(join.on[side])}`, typeName),
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

/** Counts of a join on one day. */
export interface JoinReport {
  readonly left_rows: number;
  readonly right_rows: number;
  readonly result_rows: number;
  /** Number of rows of the side that found no partner, including those without a key. */
  readonly unmatched_left: number;
  readonly unmatched_right: number;
  readonly null_left_keys: number;
  readonly null_right_keys: number;
  /** Number of keys that more than one row on the right has. */
  readonly duplicate_right_keys: number;
}

/** Names that can't be those of a table, which consist of `[a-z0-9_]`. */
const keyCounts = { left: '"left keys"', right: '"right keys"' } as const;

/**
 * Writes the query for the counts of a join on one day, as one row of {@link JoinReport}. It has the same parameter
 * as {@link joinQuery}, and reads only the keys.
 */
export function joinReportQuery(join: Join): string {
  const counts = (side: JoinSide): string => {
    const key = comparable(join, sideColumn(join, side, join.on[side], trinoType), trinoType);
    return (
      `${keyCounts[side]} AS (SELECT "key", count(*) AS "rows" ` +
      `FROM (${sideRows(join, side, [`${key} AS "key"`])}) AS "keys" GROUP BY "key")`
    );
  };
  const [left, right] = [`${alias.left}."rows"`, `${alias.right}."rows"`];
  const matched = `${left} * ${right}`;
  const total = (rows: string): string => `CAST(coalesce(sum(${rows}), 0) AS bigint)`;
  const totalWhere = (condition: string, rows: string, otherwise?: string): string =>
    total(
      `CASE WHEN ${condition} THEN ${rows}${otherwise === undefined ? '' : ` ELSE ${otherwise}`} END`,
    );
  const resultRows = {
    inner: total(matched),
    left: totalWhere(`${right} IS NULL`, left, matched),
    right: totalWhere(`${left} IS NULL`, right, matched),
  } as const;
  const measures: Readonly<Record<keyof JoinReport, string>> = {
    left_rows: total(left),
    right_rows: total(right),
    result_rows: resultRows[join.type],
    unmatched_left: totalWhere(`${right} IS NULL`, left),
    unmatched_right: totalWhere(`${left} IS NULL`, right),
    null_left_keys: totalWhere(`${alias.left}."key" IS NULL`, left),
    null_right_keys: totalWhere(`${alias.right}."key" IS NULL`, right),
    duplicate_right_keys: totalWhere(`${right} > 1 AND ${alias.right}."key" IS NOT NULL`, '1'),
  };
  return [
    `WITH ${counts('left')},`,
    `  ${counts('right')}`,
    'SELECT',
    Object.entries(measures)
      .map(([name, sql]) => `  ${sql} AS ${sqlName(name)}`)
      .join(',\n'),
    `FROM ${keyCounts.left} AS ${alias.left} FULL JOIN ${keyCounts.right} AS ${alias.right}`,
    `  ON ${alias.left}."key" = ${alias.right}."key"`,
  ].join('\n');
}
