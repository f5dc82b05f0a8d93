import fc from 'fast-check';
import { athenaLiteral, bindQuery, type BoundQuery } from './bind-query';
import { catalogNames, latestView } from './views';
import { sideTable } from '../definitions/define-join';
import { joinQuery, joinReportQuery } from './join-query';
import { kitchenSink } from '../testing/kitchen-sink';
import { lakeQueries, rowsByKey } from '../derived/rows-by-key';
import { sqlName } from './sql-text';
import { codePoint } from '../testing/code-point';
import { DuckDbCatalog, type DuckDbRow } from '../testing/duckdb-catalog';
import { nestedLoopJoin } from '../testing/nested-loop-join';
import { randomJoin, type RandomJoin } from '../testing/random-join';
import { salesOfCustomer, shop, topCustomers } from '../testing/shop';
import { trinoFaults } from '../testing/trino-faults';

// All SQL of ours is of the dialect that Trino and DuckDB share. It is in one file, as a parser of Trino takes seconds to warm up.

const eventTypes = [...shop.eventTypes, kitchenSink];
const queries = lakeQueries(eventTypes, [salesOfCustomer, topCustomers]);

describe('of a catalogue', () => {
  let lake: DuckDbCatalog;

  beforeAll(async () => {
    lake = await DuckDbCatalog.create({ ...shop, eventTypes });
  });
  afterAll(() => lake.close());

  test.each(eventTypes.map((type) => [type.name, type] as const))(
    'the view of %s runs on DuckDB as it is and parses as Trino',
    async (_, eventType) => {
      expect(await lake.rows(`SELECT * FROM ${catalogNames(eventType).latest}`)).toEqual([]);
      expect(trinoFaults(latestView(eventType))).toEqual([]);
    },
  );

  const examples = {
    string: 'x',
    integer: 1,
    number: 0.5,
    boolean: true,
    date: '2026-01-01',
    timestamp: '2026-01-01T00:00:00Z',
  };

  test.each(queries.map((query) => [query.name, query] as const))(
    'the query %s parses as Trino and runs on DuckDB, with the same text',
    async (_, query) => {
      const values = Object.fromEntries(
        Object.entries(query.parameters).map(([name, { type }]) => [name, examples[type]]),
      );
      const bound = bindQuery(query, values) as BoundQuery;
      expect(trinoFaults(bound.sql)).toEqual([]);
      expect(await lake.rows(bound.sql, bound.values)).toEqual([]);
    },
  );

  const texts = fc.oneof(
    fc.string({ unit: codePoint }).filter((text) => !text.includes('\u0000')),
    fc.constantFrom("'", "''", "' OR 1=1 --", '\\', "\\'", '";--', '/*', '?', ':p', '\r\n', 'ä'),
    fc
      .array(fc.constantFrom("'", '"', '\\', '-', ';'), { maxLength: 8 })
      .map((each) => each.join('')),
  );

  test('a value as a literal of Athena is read as that value, and nothing but a value', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          texts,
          fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
        ),
        async (value) => {
          const literal = athenaLiteral(value);
          const reader = await lake.connection.runAndReadAll(`SELECT ${literal}`);
          const [[read] = []] = reader.getRows();
          // Minus zero is zero in SQL, and decimals come as objects of their own.
          const same =
            typeof value === 'string' || typeof value === 'boolean' ? read : Number(read) + 0;
          expect(typeof value === 'bigint' ? String(read) : same).toBe(
            typeof value === 'bigint'
              ? String(value)
              : typeof value === 'number'
                ? value + 0
                : value,
          );
          expect(trinoFaults(`SELECT ${literal}`)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

const day = '2026-01-01';

const sorted = (rows: readonly DuckDbRow[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

/**
 * A catalog that holds the random rows; those of the left are spread over two days, and each arrives at a moment of its own:
 * of two rows of one event at one moment, either may be the first.
 */
async function filledCatalog({ join, rows }: RandomJoin): Promise<DuckDbCatalog> {
  const catalog = await DuckDbCatalog.create({
    eventTypes: [join.left],
    references: [join.right],
    joins: [join],
  });
  await catalog.insert(sideTable(join, 'right'), rows.right);
  await catalog.insert(
    catalogNames(join.left).rows,
    rows.left.map((row, index) => ({
      ...row,
      ingested_at: `2026-01-01 00:00:${String(index).padStart(2, '0')}`,
      dt: index % 3 === 2 ? '2026-01-02' : day,
    })),
  );
  return catalog;
}

test('random joins give the rows and counts of a nested loop; all their SQL runs and parses', async () => {
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
        const expected = nestedLoopJoin(join, left, right);
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
