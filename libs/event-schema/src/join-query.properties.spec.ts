import fc from 'fast-check';
import { bindQuery, type BoundQuery } from './bind-query';
import { catalogNames, latestView, rowsView } from './catalog';
import type { ColumnType } from './column-type';
import { joinColumns, joinKeys, sideColumns, sideTable, type Join } from './define-join';
import { joinQuery, joinReportQuery } from './join-query';
import { rowsByKey } from './queries';
import { sqlName } from './sql-text';
import { DuckDbCatalog, duckDbType, type DuckDbRow } from './testing/duckdb-catalog';
import { randomJoin, type RandomJoin } from './testing/random-join';
import { trinoFaults } from './testing/trino-faults';

const day = '2026-01-01';

/** What a value of one key type is compared by with one of another; numbers by value, all else by text. */
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

/** A decimal beside a text has all the digits of its scale: 1.50 is "1.50" and not "1.5". */
function textKey(type: ColumnType, value: unknown): string | null {
  return typeof value === 'string' && type.kind !== 'timestamp' ? value : keyText(type, value);
}

/** The join as a nested loop over rows. */
function expectedRows(join: Join, left: readonly DuckDbRow[], right: readonly DuckDbRow[]) {
  const keys = joinKeys(join);
  const isNumber = ({ kind }: ColumnType): boolean => kind === 'bigint' || kind === 'decimal';
  const byValue = isNumber(keys.left.type) === isNumber(keys.right.type);
  const key = (side: 'left' | 'right', row: DuckDbRow): string | null =>
    (byValue ? keyText : textKey)(keys[side].type, row[join.on[side]]);
  const columns = joinColumns(join);
  const result = (l: DuckDbRow | undefined, r: DuckDbRow | undefined): DuckDbRow =>
    Object.fromEntries(
      columns.map(({ name, side, source }) => [name, (side === 'left' ? l : r)?.[source] ?? null]),
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

const sorted = (rows: readonly DuckDbRow[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

/** A catalog that holds the random rows; those of the left are spread over two days. */
async function filledCatalog({ join, rows }: RandomJoin): Promise<DuckDbCatalog> {
  const catalog = await DuckDbCatalog.create({
    eventTypes: [join.left],
    references: [join.right],
    joins: [join],
  });
  for (const side of ['left', 'right'] as const) {
    const table = side === 'left' ? catalogNames(join.left).files : sideTable(join, side);
    const columns = sideColumns(join, side);
    for (const [index, row] of rows[side].entries()) {
      const values = columns.map(({ name }) => row[name] ?? null);
      const casts = columns.map(({ type }) => `CAST(? AS ${duckDbType(type)})`);
      const dated = side === 'left' ? ', ?' : '';
      await catalog.connection.run(
        `INSERT INTO ${sqlName(table)} VALUES (${casts.join(', ')}${dated})`,
        side === 'left' ? [...values, index % 3 === 2 ? '2026-01-02' : day] : values,
      );
    }
  }
  return catalog;
}

test('random joins give the rows and counts of a nested loop; all their SQL runs as it is and parses as Trino', async () => {
  let matched = 0;
  await fc.assert(
    fc.asyncProperty(randomJoin, async (random) => {
      const { join } = random;
      const catalog = await filledCatalog(random);
      try {
        const left = (
          await catalog.rows(`SELECT * FROM ${sqlName(sideTable(join, 'left'))}`)
        ).filter((row) => row['dt'] === day);
        const right = await catalog.rows(`SELECT * FROM ${sqlName(sideTable(join, 'right'))}`);
        const expected = expectedRows(join, left, right);
        const found = await catalog.rows(joinQuery(join), [day]);
        expect(sorted(found)).toEqual(sorted(expected.rows));
        const [report] = await catalog.rows(joinReportQuery(join), [day]);
        expect(report).toEqual(
          Object.fromEntries(
            Object.entries(expected.report).map(([k, count]) => [k, String(count)]),
          ),
        );
        const byKey = bindQuery(rowsByKey(join.left), {
          id: "'",
          from: day,
          to: day,
        }) as BoundQuery;
        await catalog.rows(byKey.sql, byKey.values);
        await catalog.rows(`SELECT * FROM ${sqlName(catalogNames(join.left).latest)}`);
        for (const sql of [
          joinQuery(join),
          joinReportQuery(join),
          rowsView(join.left),
          latestView(join.left),
          byKey.sql,
        ])
          expect([trinoFaults(sql), sql]).toEqual([[], sql]);
        matched += Number(report?.['left_rows']) - Number(report?.['unmatched_left']);
      } finally {
        catalog.close();
      }
    }),
    { numRuns: 40 },
  );
  // Keys meet in a third of the random joins, so that none of them meets in one of three million runs.
  expect(matched).toBeGreaterThan(0);
}, 120_000);
