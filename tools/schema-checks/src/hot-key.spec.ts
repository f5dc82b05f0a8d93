import { DuckDBInstance } from '@duckdb/node-api';
import { defineEvent } from '@sluice/event-schema';
import { compactDay } from '@sluice/lake-maintenance';
import { MemoryObjectStore, rawPrefix } from '@sluice/lake-layout';
import { createLookupApi } from '@sluice/lookup-api';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// One key with very many rows in a day, beside keys with few, against DuckDB's filter of the same files.

/** Rows of the day, nine tenths of them of one key; `npx nx run schema-checks:hot-key` has 1,100,000. */
const rows = Number(process.env['SLUICE_HOT_ROWS'] ?? 11_000);
const questions = rows > 100_000 ? 60 : 8;
const date = '2026-11-19';
const dayMs = Date.parse(date);

const reading = defineEvent({
  name: 'reading',
  version: '1.0.0',
  key: 'sensor',
  identity: 'readingId',
  time: 'at',
  schema: {
    type: 'object',
    required: ['sensor', 'readingId', 'at'],
    properties: {
      sensor: { type: 'string' },
      readingId: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
      value: { type: 'integer' },
    },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-hot-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('pages of a key with very many rows are those of a filter, each by few row groups, from any moment on', async () => {
  const store = new MemoryObjectStore();
  const database = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  await database.run(`SELECT setseed(0.42)`);
  await database.run(
    `CREATE TABLE reading AS SELECT
       CASE WHEN n % 11 > 0 THEN 'hot' ELSE 's' || (n * 7919 % 1009) END AS sensor,
       'r' || n AS readingid, 'r' || n AS event_id,
       make_timestamp_ms(${dayMs} + (random() * 86399999)::BIGINT) AS "at",
       make_timestamp_ms(${dayMs} + 36000000) AS ingested_at,
       (n * 104729 % 999983)::BIGINT AS value, NULL::VARCHAR AS unmapped
     FROM range(${rows}) AS numbers(n)`,
  );
  const files = 4;
  for (let file = 0; file < files; file++) {
    const path = join(folder, `${file}.parquet`);
    await database.run(
      `COPY (SELECT * FROM reading WHERE value % ${files} = ${file}) TO '${path}' (FORMAT parquet)`,
    );
    await store.put(`${rawPrefix('reading', date)}hour=10/${file}.parquet`, readFileSync(path));
  }
  const now = (): number => dayMs + 40 * 3_600_000;
  await compactDay({ store, eventType: reading, date, seal: true, now });
  const api = createLookupApi({
    eventTypes: [reading],
    store,
    now,
    onError: (error) => {
      throw error;
    },
  });
  const ask = async (parameters: Readonly<Record<string, string>>) => {
    const { status, body } = await api({
      method: 'GET',
      path: '/v1/events/reading',
      query: new Map(Object.entries(parameters).map(([name, value]) => [name, [value]])),
      headers: new Map(),
      body: '',
    });
    if (status !== 200) throw new Error(String(body));
    return JSON.parse(String(body)) as {
      readonly rows: readonly { readonly event_id: string }[];
      readonly cursor: string | null;
    };
  };
  let seed = 7;
  const below = (limit: number): number =>
    (seed = (seed * 48_271) % 2_147_483_647) % Math.max(1, limit);
  let maxReads = 0;
  for (let question = 0; question < questions; question++) {
    const sensor = question % 4 === 3 ? `s${below(1_009)}` : 'hot';
    const since = dayMs + below(86_400_000);
    const until = since + 1 + below(86_400_000);
    const order = question % 2 === 0 ? 'asc' : 'desc';
    const limit = 1 + below(1_000);
    const expected = await database.runAndReadAll(
      `SELECT event_id FROM reading WHERE sensor = '${sensor}' AND "at" >= make_timestamp_ms(${since})
       AND "at" < make_timestamp_ms(${until}) ORDER BY "at" ${order}, event_id ${order} LIMIT ${2 * limit}`,
    );
    const found: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; page < 2 && cursor !== null; page++) {
      const before = store.calls.length;
      const answer = await ask({
        id: sensor,
        date,
        since: new Date(since).toISOString(),
        until: new Date(until).toISOString(),
        order,
        limit: String(limit),
        columns: 'event_id',
        cursor,
      });
      found.push(...answer.rows.map(({ event_id: id }) => id));
      ({ cursor } = answer);
      if (question > 0) maxReads = Math.max(maxReads, store.calls.length - before);
    }
    expect(found).toEqual(expected.getRows().map(([id]) => String(id)));
  }
  // However many rows the key has: a page of a thousand rows lies in two row groups or three, which may be in two files.
  expect(maxReads).toBeLessThanOrEqual(4);
}, 600_000);
