// The built program on a lake that the built local stack made.
import { DuckDBInstance } from '@duckdb/node-api';
import { endStacks, file, newDataDir, run } from './stack-under-test';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

jest.setTimeout(120_000);
endStacks();

const dataDir = newDataDir();
const program = join(workspaceRoot(), 'dist', 'tools', 'lake', 'main.mjs');

const sql = (args: readonly string[], input = '') => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, 'sql', '--data-dir', dataDir, ...args],
    { input, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
};

beforeAll(async () => {
  const events = [1, 2, 3].map((id) => JSON.stringify({ id, name: `n${id}`, tags: ['x'] }));
  // The first is sent twice, and is there once.
  const path = file('orders.ndjson', [events[0], ...events].join('\n'));
  const ingested = await run(
    ...['--once', '--data-dir', dataDir, '--ingest', path],
    ...['--event', 'shop_order', '--key', 'id', '--identity', 'id'],
  );
  expect(ingested).toMatchObject({ code: 0 });
});

const query = 'select id, name from shop_order order by id';

test('prints a table', () => {
  const { status, stdout } = sql([query]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/│ id │ name │[^]*│ 3 +│ n3 +│[^]*3 rows/);
});

test('prints CSV and JSON', () => {
  expect(sql([query, '--format', 'csv']).stdout).toBe('id,name\r\n1,n1\r\n2,n2\r\n3,n3\r\n');
  expect(JSON.parse(sql([query, '--format', 'json']).stdout)).toEqual(
    [1, 2, 3].map((id) => ({ id, name: `n${id}` })),
  );
});

test('writes Parquet', async () => {
  const output = join(dataDir, 'result.parquet');
  expect(sql([query, '--format', 'parquet', '--output', output])).toMatchObject({ status: 0 });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`SELECT count(*)::INT AS n FROM '${output}'`);
  expect(reader.getRowObjectsJson()).toEqual([{ n: 3 }]);
  connection.closeSync();
  instance.closeSync();
});

test('is a shell without a query', () => {
  const { status, stdout } = sql(
    [],
    '.tables\nselect count(*) as orders\nfrom shop_order_latest;\n',
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/shop_order +view/);
  expect(stdout).toMatch(/│ orders │[^]*│ 3 +│/);
});

test('says in a sentence what is wrong, and leaves no file behind', () => {
  const output = join(dataDir, 'nothing.csv');
  const refused = sql(['select nothing from shop_order', '--output', output]);
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/^error: .*nothing/) });
  expect(existsSync(output)).toBe(false);
  expect(existsSync(`${output}.draft`)).toBe(false);
});
