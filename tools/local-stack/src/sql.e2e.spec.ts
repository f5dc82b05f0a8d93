// The built program on a lake that the built local stack made.
import { DuckDBInstance } from '@duckdb/node-api';
import { endStacks, file, newDataDir, run } from './stack-under-test';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  expect(stdout).toMatch(/shop_order +table\n[^]*shop_order_latest +view\n/);
  expect(stdout).toMatch(/│ orders │[^]*│ 3 +│/);
});

test('says in a sentence what is wrong, and leaves no file behind', () => {
  const output = join(dataDir, 'nothing.csv');
  const refused = sql(['select nothing from shop_order', '--output', output]);
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/^error: .*nothing/) });
  expect(existsSync(output)).toBe(false);
  expect(existsSync(`${output}.draft`)).toBe(false);
  // A file can't be made below a file, whoever asks.
  const below = join(dataDir, 'endpoints.json', 'result');
  for (const format of ['csv', 'parquet'])
    expect(sql(['select 1', '--format', format, '--output', below])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: .*result can't be written: .*\n$/),
    });
});

describe('lake:verify', () => {
  const verify = () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [program, 'verify', '--data-dir', dataDir, '--json'],
      { encoding: 'utf8' },
    );
    const verdict = JSON.parse(stdout) as {
      readonly files: number;
      readonly rows: number;
      readonly damaged: readonly { readonly key: string }[];
    };
    return { status, ...verdict };
  };

  test('finds every file of the stopped stack whole, and names one that a disk has changed', () => {
    const whole = verify();
    expect(whole).toMatchObject({ status: 0, damaged: [] });
    expect(whole.rows).toBeGreaterThanOrEqual(3);
    expect(whole.files).toBeGreaterThanOrEqual(3);
    const folder = join(dataDir, 's3');
    const file = (readdirSync(folder, { recursive: true }) as string[]).find((name) =>
      /shop_order\/compacted\/.*\.parquet$/.test(name),
    );
    const path = join(folder, file ?? '');
    const bytes = readFileSync(path);
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const damaged = verify();
    expect(damaged.status).toBe(1);
    expect(damaged.damaged).toEqual([
      expect.objectContaining({ key: file?.replace(/^[^/]*\//, '') }),
    ]);
  });
});
