import { DuckDBInstance } from '@duckdb/node-api';
import { createRowTableBuilder } from '@sluice/columns';
import { defineEvent, tableColumns } from '@sluice/event-schema';
import { compactDay } from '@sluice/lake-maintenance';
import { MemoryObjectStore, rawPrefix, readManifest } from '@sluice/lake-layout';
import { createLookupApi } from '@sluice/lookup-api';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Look-ups by an index against DuckDB's filter of the same Parquet files: for values of every type, absent ones included.

const [sealedDay, runningDay] = ['2026-11-19', '2026-11-20'];
const nowMs = Date.parse(`${runningDay}T12:00:00Z`);

const trade = defineEvent({
  name: 'trade',
  version: '1.0.0',
  key: 'account',
  identity: 'tradeId',
  time: 'at',
  indexes: ['order.no', 'session', 'price', 'day', 'seen', 'device'],
  schema: {
    type: 'object',
    required: ['account', 'tradeId', 'at'],
    properties: {
      account: { type: 'integer' },
      tradeId: { type: 'string' },
      at: { type: 'string', format: 'date-time', digits: 6 },
      order: { type: 'object', properties: { no: { type: 'string' } } },
      session: { type: 'integer' },
      price: { type: 'string', format: 'decimal', precision: 12, scale: 3 },
      day: { type: 'string', format: 'date' },
      seen: { type: 'string', format: 'date-time' },
      device: { type: 'string', format: 'uuid' },
    },
  },
});

/** Numbers that look random and are the same in every run. */
function* numbers(): Generator<number, never> {
  for (let state = 12_345; ;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    yield state >>> 8;
  }
}
const random = numbers();
const below = (limit: number): number => random.next().value % limit;
const two = (count: number): string => String(count).padStart(2, '0');

const values: Readonly<Record<string, () => string>> = {
  'order.no': () => `${['', 'Zürich', '😀', 'a', 'B', 'order'][below(6)] ?? ''}${below(70)}`,
  session: () => String(BigInt(below(500) - 250) * 36_893_488_147_419_103n),
  price: () => `${below(160) - 80}.${['5', '125', '1'][below(3)] ?? ''}`,
  day: () => `2026-${two(1 + below(12))}-${two(1 + below(28))}`,
  seen: () =>
    `2026-11-${two(1 + below(28))} ${two(below(6))}:00:00.${['0', '125'][below(2)] ?? ''}`,
  device: () => `6ba7b810-9dad-11d1-80b4-${String(below(400)).padStart(12, '0')}`,
};
const columnOf = (path: string): string => path.replace('.', '_');

const rows = Array.from({ length: 900 }, (_, at) => ({
  account: below(300),
  tradeid: `t${at}`,
  event_id: `t${at}`,
  at: `2026-11-19 ${two(below(20))}:${two(below(60))}:00.${String(below(999_999)).padStart(6, '0')}`,
  ...Object.fromEntries(
    Object.entries(values).map(([path, value]) => [
      columnOf(path),
      below(9) === 0 ? null : value(),
    ]),
  ),
}));

const folder = mkdtempSync(join(tmpdir(), 'sluice-by-value-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Values that are looked up and filtered by DuckDB, absent ones included. 1,000 pass as well, and take half a minute. */
const askedValues = 60;

it('random values have the rows that a filter has', async () => {
  const store = new MemoryObjectStore({ now: () => nowMs });
  const api = createLookupApi({
    eventTypes: [trade],
    store,
    now: () => nowMs,
    onError: (error) => {
      throw error;
    },
  });
  let files = 0;
  const deliver = async (date: string, some: readonly object[]): Promise<void> => {
    const builder = createRowTableBuilder(tableColumns(trade));
    for (const row of some) {
      const fault = builder.append({ ingested_at: `${date} 10:00:00.000`, ...row });
      if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
    }
    const { bytes } = writeParquet(builder.finish(), rawLayout);
    await store.put(`${rawPrefix('trade', date)}hour=10/${++files}.parquet`, bytes);
    writeFileSync(join(folder, `${files}.parquet`), bytes);
  };
  const compact = (date: string, seal: boolean) =>
    compactDay({ store, eventType: trade, date, seal, now: () => nowMs });
  await deliver(sealedDay, rows.slice(0, 600));
  await compact(sealedDay, true);
  await deliver(runningDay, rows.slice(600, 750));
  await compact(runningDay, false);
  await deliver(runningDay, rows.slice(750, 850));
  await compact(runningDay, false);
  await deliver(runningDay, rows.slice(850));
  expect((await readManifest(store, 'trade', sealedDay))?.manifest.indexes).toHaveLength(6);

  const database = await (await DuckDBInstance.create()).connect();
  await database.run(`CREATE TABLE trade AS SELECT * FROM read_parquet('${folder}/*.parquet')`);
  const paths = Object.keys(values);
  await database.run('CREATE TABLE asked (number INTEGER, path VARCHAR, value VARCHAR)');
  const asked = Array.from({ length: askedValues }, (_, each) => {
    const path = paths[each % paths.length] ?? '';
    return { path, value: values[path]?.() ?? '' };
  });
  const appender = await database.createAppender('asked');
  for (const [number, { path, value }] of asked.entries()) {
    appender.appendInteger(number);
    appender.appendVarchar(path);
    appender.appendVarchar(value);
    appender.endRow();
  }
  appender.closeSync();
  const expected = new Map<number, readonly string[]>();
  for (const path of paths) {
    const column = columnOf(path);
    const filtered = await database.runAndReadAll(
      `SELECT number, string_agg(event_id, ' ' ORDER BY "at") FROM asked JOIN trade
       ON trade."${column}" = CAST(value AS ${types[column] ?? 'VARCHAR'}) WHERE path = '${path}' GROUP BY number`,
    );
    for (const [number, ids] of filtered.getRows())
      expected.set(Number(number), String(ids).split(' '));
  }
  for (const [number, { path, value }] of asked.entries()) {
    const { rows: answer } = await lookUp(path, value);
    expect([path, value, ...answer]).toEqual([path, value, ...(expected.get(number) ?? [])]);
  }
  expect(expected.size).toBeGreaterThan(askedValues / 2);
  expect(expected.size).toBeLessThan(askedValues);

  async function lookUp(
    path: string,
    value: string,
  ): Promise<{ readonly rows: readonly string[] }> {
    const query = {
      [path]: value,
      columns: 'event_id',
      limit: '1000',
      from: sealedDay,
      to: runningDay,
    };
    const { body, status } = await api({
      method: 'GET',
      path: '/v1/events/trade',
      query: new Map(Object.entries(query).map(([name, text]) => [name, [text]])),
      headers: new Map(),
      body: '',
    });
    if (status !== 200) throw new Error(String(body));
    const answer = JSON.parse(String(body)) as { rows: readonly { event_id: string }[] };
    return { rows: answer.rows.map((row) => row.event_id) };
  }
}, 60_000);

const types: Readonly<Record<string, string>> = {
  session: 'BIGINT',
  price: 'DECIMAL(12,3)',
  day: 'DATE',
  seen: 'TIMESTAMP',
};
