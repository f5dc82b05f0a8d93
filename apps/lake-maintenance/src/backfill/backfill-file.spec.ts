import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SourceFileError } from '@sluice/event-files';
import { defineEvent, type EventType } from '@sluice/event-schema';
import { dateOfKey, MemoryObjectStore, readManifest, type ObjectStore } from '@sluice/lake-layout';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { createRowTableBuilder } from '@sluice/columns';
import { seededRandom } from '@sluice/values/seeded-random';
import { compactDay } from '../compaction/compact-day';
import { readParquetTable } from '../compaction/read-parquet';
import { InjectedFault } from '@sluice/lake-layout/testing/faulty-store';
import { filesOf, listAll, rawFile } from '../compaction/testing';
import { errorLineReader, linesOf } from '@sluice/failed-records/replay';
import { backfill, BackfillRefusedError, type BackfillOptions } from './backfill-file';

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'who.id',
  identity: 'id',
  time: 'at',
  schema: {
    type: 'object',
    required: ['id', 'who'],
    properties: {
      id: { type: 'string' },
      who: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      at: { type: 'string', format: 'date-time', digits: 3 },
      amount: { type: 'integer', default: 7 },
    },
  },
});
const { name, version, key, time, schema } = visit;
const withoutIdentity: EventType = { name, version, key, ...(time && { time }), schema };

const folder = mkdtempSync(join(tmpdir(), 'sluice-backfill-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const ndjson = (events: readonly object[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

const nowMs = Date.parse('2026-11-20T12:00:00Z');
const event = (id: number, at: string, more: object = {}) => ({
  id: `e${id}`,
  who: { id: `user-${id % 7}` },
  at,
  ...more,
});

const take = (store: ObjectStore, path: string, options: Partial<BackfillOptions> = {}) =>
  backfill({ store, eventType: visit, now: () => nowMs, ...options })(path, path);

interface VisitRow {
  readonly event_id: string;
  readonly who_id: string;
  readonly at: number | null;
  readonly amount: bigint;
  readonly unmapped: string | null;
}

async function compactAll(store: ObjectStore, eventType: EventType = visit): Promise<void> {
  const dates = new Set(
    (await listAll(store, 'visit/raw/')).map(({ key }) => dateOfKey(key) ?? ''),
  );
  const chooseLayout = filesOf(1_000);
  for (const date of dates)
    await compactDay({ store, eventType, date, now: () => nowMs, chooseLayout });
}

/** Returns the rows of a day from its compacted files alone. */
async function rowsOfDay(store: ObjectStore, date: string): Promise<readonly VisitRow[]> {
  const manifest = (await readManifest(store, 'visit', date))?.manifest;
  const rows: VisitRow[] = [];
  for (const { key } of manifest?.files ?? [])
    for (const row of readParquetTable((await store.get(key)).bytes).toArray())
      rows.push((row as { toJSON(): VisitRow }).toJSON());
  return rows;
}

const idsOfDay = async (store: ObjectStore, date: string): Promise<readonly string[]> =>
  (await rowsOfDay(store, date)).map((row) => row.event_id).sort();

describe('backfill', () => {
  test('puts each event into the day of its own time, by UTC, with defaults and what has no column', async () => {
    const store = new MemoryObjectStore();
    const path = file(
      'days.ndjson',
      ndjson([
        event(1, '2026-01-31T23:59:59.999Z'),
        event(2, '2026-02-01T00:00:00Z', { extra: [1] }),
        event(3, '2026-02-01T01:30:00+02:00'),
      ]),
    );
    const result = await take(store, path);
    expect(result).toMatchObject({
      status: 'done',
      counts: { events: 3, rows: 3, failed: 0 },
      days: { '2026-01-31': 2, '2026-02-01': 1 },
    });
    await compactAll(store);
    expect(await idsOfDay(store, '2026-01-31')).toEqual(['e1', 'e3']);
    expect(await rowsOfDay(store, '2026-02-01')).toMatchObject([
      { event_id: 'e2', amount: 7n, unmapped: '{"extra":[1]}' },
    ]);
    expect((await readManifest(store, 'visit', '2026-02-01'))?.manifest.sealed).toBe(true);
  });

  test('the same file again, under another name or cut into two, makes no double', async () => {
    const store = new MemoryObjectStore();
    const events = Array.from({ length: 20 }, (_each, id) => event(id, '2026-03-05T10:00:00Z'));
    await take(store, file('one.ndjson', ndjson(events)));
    await compactAll(store);
    expect(await take(store, file('same.ndjson', ndjson(events)))).toMatchObject({
      status: 'known',
      counts: { rows: 20 },
    });
    await take(store, file('half.ndjson', ndjson(events.slice(0, 10))));
    await take(store, file('packed.ndjson.gz', gzipSync(ndjson(events))));
    await compactAll(store);
    expect(await idsOfDay(store, '2026-03-05')).toHaveLength(20);
  });

  test('without an identity, a line is an event of its own, and the same file again the same events', async () => {
    const store = new MemoryObjectStore();
    const text = ndjson([event(1, '2026-03-05T10:00:00Z'), event(1, '2026-03-05T10:00:00Z')]);
    const options = { eventType: withoutIdentity };
    await take(store, file('lines.ndjson', text), options);
    await store.delete((await listAll(store, 'visit/backfills/')).map(({ key }) => key));
    await take(store, file('lines-again.ndjson', text), options);
    await compactAll(store, withoutIdentity);
    expect(await idsOfDay(store, '2026-03-05')).toHaveLength(2);
  });

  test('what is no row, has no time or one to come is kept in the error output, in the form that a replay reads', async () => {
    const store = new MemoryObjectStore();
    const path = file(
      'faults.ndjson',
      [
        '{"id":1}',
        'oops',
        '{"id":"a","who":{"id":"u"}}',
        JSON.stringify(event(4, '2026-11-21T00:00:00Z')),
        JSON.stringify(event(5, '1969-12-31T23:59:59Z')),
        JSON.stringify(event(6, '2026-11-20T23:59:59Z')),
      ].join('\n'),
    );
    const result = await take(store, path);
    expect(result.counts).toMatchObject({ events: 6, rows: 1, failed: 5 });
    expect(result.faults.map(({ code, count }) => [code, count])).toEqual([
      ['type', 1],
      ['malformed-json', 1],
      ['no-time', 1],
      ['time-range', 2],
    ]);
    const [object] = await listAll(store, 'visit/errors/processing-failed/dt=2026-11-20/');
    const read = errorLineReader('processing-failed');
    const lines = [...linesOf((await store.get(object?.key ?? '')).bytes)].map((line) => {
      const one = read(line);
      return one.ok ? [Buffer.from(one.record.bytes).toString(), one.record.origin.shardId] : one;
    });
    expect(lines[0]).toEqual(['{"id":1}', 'file']);
    expect(lines).toHaveLength(5);
  });

  test('events without a time go into the day that was named; without one, nothing begins', async () => {
    const store = new MemoryObjectStore();
    const path = file('timeless.ndjson', ndjson([{ id: 'a', who: { id: 'u' } }]));
    expect(await take(store, path, { date: '2025-12-24' })).toMatchObject({
      days: { '2025-12-24': 1 },
    });
    expect(() => backfill({ store, eventType: { name, version, key, schema } })).toThrow(
      BackfillRefusedError,
    );
    expect(() => backfill({ store, eventType: visit, time: 'nowhere' })).toThrow(/"nowhere"/);
  });

  test('an event type with rules of privacy is refused, whose rows and failures would be stored in clear', () => {
    const secret = { ...visit, privacy: { 'who.id': 'drop' } } as const;
    expect(() => backfill({ store: new MemoryObjectStore(), eventType: secret })).toThrow(
      'has rules of privacy',
    );
  });

  test('a definition that was loosened takes what failed before, and its failures are gone', async () => {
    const store = new MemoryObjectStore();
    const path = file(
      'loosened.ndjson',
      ndjson([event(1, '2026-03-05T10:00:00Z', { amount: 'x' })]),
    );
    await take(store, path);
    expect(await listAll(store, 'visit/errors/')).toHaveLength(1);
    expect(await take(store, path)).toMatchObject({ status: 'known', counts: { failed: 1 } });
    const { properties } = visit.schema;
    const loose = defineEvent({
      ...visit,
      schema: { ...visit.schema, properties: { ...properties, amount: { type: 'string' } } },
    } as EventType);
    expect(await take(store, path, { eventType: loose })).toMatchObject({ counts: { rows: 1 } });
    expect(await listAll(store, 'visit/errors/')).toEqual([]);
  });

  test('only the days asked for are taken, and the others by a later run', async () => {
    const store = new MemoryObjectStore();
    const path = file(
      'window.ndjson',
      ndjson([1, 2, 3, 4].map((day) => event(day, `2026-03-0${day}T10:00:00Z`))),
    );
    const window = { from: '2026-03-02', to: '2026-03-03' };
    expect(await take(store, path, window)).toMatchObject({ counts: { rows: 2, outside: 2 } });
    expect(await take(store, path)).toMatchObject({ counts: { rows: 4, outside: 0 } });
    await compactAll(store);
    for (const day of [1, 2, 3, 4])
      expect(await idsOfDay(store, `2026-03-0${day}`)).toEqual([`e${day}`]);
  });

  test('an event that arrived days ago stays under the day of its arrival, where it is said how far to look', async () => {
    const arrived = (ids: readonly number[]): Uint8Array =>
      rawFile(
        ids.map((id) => ({ ...{ who_id: `user-${id % 7}`, event_id: `e${id}`, id: `e${id}` } })),
        visit,
      );
    for (const [lookAheadMs, kept] of [
      [undefined, ['e1', 'e2', 'e3']],
      [5 * 86_400_000, ['e3']],
    ] as const) {
      const store = new MemoryObjectStore();
      await store.put('visit/raw/dt=2026-03-06/hour=00/live.parquet', arrived([1]));
      await store.put('visit/raw/dt=2026-03-09/hour=00/live.parquet', arrived([2]));
      const path = file(
        'overlap.ndjson',
        ndjson([
          event(1, '2026-03-05T23:59:00Z'),
          event(2, '2026-03-05T12:00:00Z'),
          event(3, '2026-03-05T23:59:00Z'),
        ]),
      );
      const { counts } = await take(store, path, lookAheadMs ? { lookAheadMs } : {});
      expect(counts.elsewhere).toBe(3 - kept.length);
      await compactAll(store);
      expect(await idsOfDay(store, '2026-03-05')).toEqual(kept);
    }
  });

  test('a dry run counts and writes nothing', async () => {
    const store = new MemoryObjectStore();
    const path = file('dry.ndjson', ndjson([event(1, '2026-03-05T10:00:00Z'), { id: 1 }]));
    expect(await take(store, path, { isDryRun: true })).toMatchObject({
      counts: { rows: 1, failed: 1 },
      days: { '2026-03-05': 1 },
    });
    expect(await listAll(store, '')).toEqual([]);
  });

  test('CSV and Parquet give the rows that the same events as JSON give', async () => {
    const events = [
      event(1, '2026-03-05T10:00:00.250Z', { amount: 1 }),
      event(2, '2026-03-06T11:00:00.000Z', { amount: 2 }),
    ];
    const csv = `who_id,id,at,amount\nuser-1,e1,2026-03-05 10:00:00.250,1\nuser-2,e2,2026-03-06T11:00:00.000Z,2\n`;
    const builder = createRowTableBuilder([
      { name: 'id', type: { kind: 'string' } },
      { name: 'who_id', type: { kind: 'string' } },
      { name: 'at', type: { kind: 'timestamp', digits: 3 } },
      { name: 'amount', type: { kind: 'bigint' } },
    ]);
    for (const { id, who, at, amount } of events as readonly {
      id: string;
      who: { id: string };
      at: string;
      amount?: number;
    }[])
      builder.append({ id, who_id: who.id, at: at.replace('T', ' ').replace('Z', ''), amount });
    const files = [
      file('rows.ndjson', ndjson(events)),
      file('rows.csv', csv),
      file('rows.parquet', writeParquet(builder.finish(), rawLayout).bytes),
    ];
    const taken = await Promise.all(
      files.map(async (path) => {
        const store = new MemoryObjectStore();
        const { counts } = await take(store, path);
        await compactAll(store);
        const days = ['2026-03-05', '2026-03-06'].map((day) => rowsOfDay(store, day));
        return { counts, rows: await Promise.all(days) };
      }),
    );
    expect(taken[0]?.rows.map((rows) => rows.length)).toEqual([1, 1]);
    expect(taken[1]).toEqual(taken[0]);
    expect(taken[2]).toEqual(taken[0]);
  });

  test('a file that breaks off keeps what stands before, and goes on once it is repaired', async () => {
    const store = new MemoryObjectStore();
    const whole = ndjson([1, 2, 3].map((id) => event(id, '2026-03-05T10:00:00Z')));
    const bytes = gzipSync(whole);
    await expect(
      take(
        store,
        file('broken.json', `[${JSON.stringify(event(1, '2026-03-05T10:00:00Z'))}, {"id"`),
      ),
    ).rejects.toThrow(SourceFileError);
    await expect(take(store, file('short.ndjson.gz', bytes.subarray(0, -12)))).rejects.toThrow(
      SourceFileError,
    );
    await take(store, file('short.ndjson.gz', bytes));
    await compactAll(store);
    expect(await idsOfDay(store, '2026-03-05')).toEqual(['e1', 'e2', 'e3']);
  });
});

/** Returns a store whose writes fail from a given one on; that one fails before or after its effect. */
function dyingStore(store: ObjectStore, lastWrite: number, afterEffect: boolean): ObjectStore {
  let writes = 0;
  return {
    list: store.list.bind(store),
    get: store.get.bind(store),
    delete: store.delete.bind(store),
    put: async (...write) => {
      const number = ++writes;
      if (number > lastWrite || (number === lastWrite && !afterEffect)) throw new InjectedFault();
      const put = await store.put(...write);
      if (number === lastWrite) throw new InjectedFault();
      return put;
    },
  };
}

describe('a backfill that dies at any moment', () => {
  const random = seededRandom(7);
  const total = 240;
  const events = Array.from({ length: total }, (_each, id) =>
    event(
      id,
      new Date(
        Date.parse('2026-02-01T00:00:00Z') + random.fraction() * 4 * 86_400_000,
      ).toISOString(),
    ),
  );
  // Every tenth is no event.
  const text = events
    .map((one, index) => (index % 10 === 9 ? '{"id":0}' : JSON.stringify(one)))
    .join('\n');
  const expected = events.filter((_each, index) => index % 10 !== 9);
  const options = { partBytes: 6_000 };

  test.each([
    ['before', false],
    ['after', true],
  ])(
    'loses nothing and doubles nothing (calls fail %s their effect)',
    async (_name, afterEffect) => {
      const path = file(`killed-${_name}.ndjson`, text);
      const store = new MemoryObjectStore();
      let deaths = 0;
      for (;;)
        try {
          const lastWrite = deaths < 15 ? random.integer(1, 8) : Infinity;
          const result = await take(dyingStore(store, lastWrite, afterEffect), path, options);
          expect(result).toMatchObject({ status: 'done', counts: { rows: 216, failed: 24 } });
          break;
        } catch (error) {
          if (!(error instanceof InjectedFault)) throw error;
          // Compaction of the stack goes on meanwhile.
          if (++deaths % 7 === 0) await compactAll(store);
        }
      expect(deaths).toBeGreaterThan(10);
      await compactAll(store);
      const dates = ['2026-02-01', '2026-02-02', '2026-02-03', '2026-02-04'];
      const ids = (await Promise.all(dates.map((date) => idsOfDay(store, date)))).flat();
      expect(ids.sort()).toEqual(expected.map(({ id }) => id).sort());
      const failed: Uint8Array[] = [];
      for (const { key } of await listAll(store, 'visit/errors/'))
        failed.push(...linesOf((await store.get(key)).bytes));
      expect(failed).toHaveLength(24);
    },
  );

  test('a run whose time is up goes on where it ended', async () => {
    const path = file('deadline.ndjson', text);
    const store = new MemoryObjectStore();
    let runs = 1;
    while ((await take(store, path, { ...options, deadlineMs: 0 })).status === 'unfinished') runs++;
    expect(runs).toBeGreaterThan(5);
    await compactAll(store);
    const ids = (await idsOfDay(store, '2026-02-03')).length;
    expect(ids).toBe(expected.filter(({ at }) => at.startsWith('2026-02-03')).length);
  });
});
