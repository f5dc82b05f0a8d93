import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createLookupApi } from './lookup-api';
import { createTestApi, policyRow, today, type TestApi } from './testing/test-api';

/** Adds a raw file whose columns have other types than the schema's. */
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

it('what the definition can not name is answered in unmapped, and its column is null', async () => {
  const api = createTestApi();
  await addForeign(
    api,
    `SELECT 'C-1' AS policyno, 'a' AS event_id, true AS amount, 12.50::DECIMAL(5, 2) AS gone,
       TIMESTAMP '2026-01-31 12:00:00.1' AS at, [1, NULL] AS list, {'n': 9007199254740993::BIGINT} AS struct,
       '{"x":1.10}' AS unmapped`,
  );
  expect((await api.get({ id: 'C-1', columns: 'amount,unmapped' })).rows).toEqual([
    {
      amount: null,
      unmapped:
        '{"x":1.10,"amount":true,"gone":12.50,"at":"2026-01-31T12:00:00.1Z","list":[1,null],"struct":{"n":9007199254740993}}',
    },
  ]);
  expect((await api.get({ id: 'C-1', columns: 'amount' })).rows).toEqual([{ amount: null }]);
});

it('a file whose key is of another type fails the look-up, and nobody is told to try again', async () => {
  const api = createTestApi();
  await addForeign(api, `SELECT DATE '2026-01-31' AS policyno, 'a' AS event_id`);
  await expect(api.send({ query: { id: 'C-1' } })).rejects.toThrow(
    /foreign\.parquet.*column "policyno" is string and the file has date there/,
  );
});

it('nobody is told to try again where a stored file stays unreadable', async () => {
  const api = createTestApi();
  await addForeign(api, `SELECT DATE '2026-01-31' AS policyno, 'a' AS event_id`);
  const { eventType, nowMs, store } = api.lake;
  const lookup = createLookupApi({ eventTypes: [eventType], store, now: () => nowMs });
  const answer = await lookup({
    method: 'GET',
    path: '/v1/events/policy',
    query: new Map([['id', ['C-1']]]),
    headers: new Map(),
    body: '',
  });
  expect(answer.status).toBe(500);
  expect(answer.body).toMatch(/trying again does not help/);
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
      /foreign\.parquet.*column "ratio" is double, and the file has a number that a double does not hold there/,
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
