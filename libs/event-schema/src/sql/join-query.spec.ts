import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { joinQuery, joinReportQuery } from './join-query';
import { saleCustomers } from '../testing/shop';

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create()).connect();
  await duckdb.run(`
    CREATE TABLE sale AS
    SELECT * FROM (VALUES
      (1::BIGINT, 10::BIGINT, 'a', TIMESTAMP '2026-01-01 00:00:01.000999', '2026-01-01'),
      (2, 11, 'b', TIMESTAMP '2026-01-01 00:00:01', '2026-01-01'),
      (3, 10, 'c', TIMESTAMP '2026-01-02 00:00:01', '2026-01-02')
    ) AS v(id, customerid, event_id, ingested_at, dt);
    ALTER TABLE sale ADD COLUMN unmapped VARCHAR;`);
  const known = new Set(['id', 'customerid', 'event_id', 'ingested_at', 'unmapped']);
  for (const column of saleCustomers.columns.left)
    if (!known.has(column)) await duckdb.run(`ALTER TABLE sale ADD COLUMN "${column}" VARCHAR`);
  await duckdb.run(`
    CREATE TABLE customers AS SELECT * FROM (VALUES (10::BIGINT, 'Ten'), (12, 'Twelve')) AS v(id, name)`);
  for (const column of saleCustomers.columns.right)
    if (column !== 'id' && column !== 'name')
      await duckdb.run(`ALTER TABLE customers ADD COLUMN "${column}" VARCHAR`);
});

const rows = async (sql: string, day: string): Promise<unknown[]> =>
  (await duckdb.runAndReadAll(sql, [day])).getRowObjectsJson();

test('a right join keeps the rows without an event', async () => {
  const found = await rows(joinQuery(saleCustomers), '2026-01-01');
  expect(found).toHaveLength(2);
  expect(found).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        id: '1',
        customer_id: '10',
        customer_name: 'Ten',
        ingested_at: '2026-01-01 00:00:01',
      }),
      expect.objectContaining({ id: null, customer_id: '12', customer_name: 'Twelve' }),
    ]),
  );
});

test('the report counts what found no partner', async () => {
  expect(await rows(joinReportQuery(saleCustomers), '2026-01-01')).toEqual([
    {
      left_rows: '2',
      right_rows: '2',
      result_rows: '2',
      unmatched_left: '1',
      unmatched_right: '1',
      null_left_keys: '0',
      null_right_keys: '0',
      duplicate_right_keys: '0',
    },
  ]);
});

test('times are in milliseconds, cut and not rounded, since Athena writes a result in no more', async () => {
  const sql = joinQuery(saleCustomers);
  expect(sql).toContain(`CAST(date_trunc('millisecond', "ingested_at") AS timestamp(3))`);
  const { columnTypes, columnNames } = await duckdb
    .runAndReadAll(sql, ['2026-01-01'])
    .then((result) => ({ columnTypes: result.columnTypes(), columnNames: result.columnNames() }));
  expect(String(columnTypes[columnNames.indexOf('ingested_at')])).toBe('TIMESTAMP_MS');
});
