import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createTestApi, policyRow, today, type TestApi } from './testing/test-api';

/** Puts a raw file with columns of other types than the schema's. */
async function addForeign({ lake }: TestApi, select: string): Promise<void> {
  const connection = await (await DuckDBInstance.create()).connect();
  const folder = mkdtempSync(join(tmpdir(), 'lookup-api-'));
  try {
    const file = join(folder, 'f.parquet');
    await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
    await lake.store.put(`policy/raw/dt=${today}/hour=09/foreign.parquet`, readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('a column that an older file lacks is null', async () => {
  const api = createTestApi();
  await addForeign(api, `SELECT 'C-1' AS policyno, 'a' AS event_id`);
  expect((await api.get({ id: 'C-1', columns: 'policyno,amount,tags' })).rows).toEqual([
    { policyno: 'C-1', amount: null, tags: null },
  ]);
});

it('narrower numbers and other units of time widen', async () => {
  const api = createTestApi();
  await addForeign(
    api,
    `SELECT 'C-1' AS policyno, 'a' AS event_id, 7::INTEGER AS amount, 3::SMALLINT AS ratio,
       1.5::DECIMAL(5, 1) AS price, TIMESTAMP_NS '2026-01-31 12:00:00.123456789' AS signedat,
       TIMESTAMP_MS '2026-11-20 10:00:00.5' AS ingested_at, 42 AS notes, ['x'] AS tags`,
  );
  const columns = 'amount,ratio,price,signedat,ingested_at,notes,tags';
  expect((await api.get({ id: 'C-1', columns })).rows).toEqual([
    {
      amount: 7,
      ratio: 3,
      price: '1.50',
      signedat: '2026-01-31T12:00:00.123456Z',
      ingested_at: '2026-11-20T10:00:00.500Z',
      notes: '42',
      tags: ['x'],
    },
  ]);
});

it('a file that contradicts the schema fails the look-up, naming file and column', async () => {
  const api = createTestApi();
  await addForeign(api, `SELECT 'C-1' AS policyno, 'a' AS event_id, true AS amount`);
  await expect(api.send({ query: { id: 'C-1' } })).rejects.toThrow(
    /foreign\.parquet.*column "amount" is bigint and the file has boolean there/,
  );
});

it.each(['9007199254740992', '1.5::DECIMAL(38, 1)', 'null::BIGINT'])(
  'a file with %s where the schema has a double is read',
  async (value) => {
    const api = createTestApi();
    await addForeign(api, `SELECT 'C-1' AS policyno, 'a' AS event_id, ${value} AS ratio`);
    const { rows } = await api.get({ id: 'C-1', columns: 'ratio' });
    expect(rows).toEqual([{ ratio: value.startsWith('null') ? null : parseFloat(value) }]);
  },
);

it.each(['9007199254740993', '9007199254740993::HUGEINT::DECIMAL(38, 1)'])(
  'a file with %s where the schema has a double fails the look-up, and is not rounded',
  async (value) => {
    const api = createTestApi();
    await addForeign(api, `SELECT 'C-1' AS policyno, 'a' AS event_id, ${value} AS ratio`);
    await expect(api.send({ query: { id: 'C-1' } })).rejects.toThrow(
      /foreign\.parquet.*column "ratio" is double, and the file has a number there that a double does not hold/,
    );
  },
);

it('a damaged file fails the look-up, naming the file, and gives no rows', async () => {
  const api = createTestApi();
  await api.lake.addRaw(today, [policyRow('C-1', 'a')]);
  await api.lake.store.put(
    `policy/raw/dt=${today}/hour=09/damaged.parquet`,
    Buffer.from('PAR1 PAR1 PAR1'),
  );
  await expect(api.send({ query: { id: 'C-1' } })).rejects.toThrow(/damaged\.parquet/);
});
