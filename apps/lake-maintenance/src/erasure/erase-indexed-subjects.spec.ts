import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import {
  bucket,
  compact,
  copyOf,
  date,
  filesOf,
  listAll,
  noonMs,
  order,
  orderRow,
  putRaw,
  rawFile,
  rawKey,
  rowsOf,
  visibleEvents,
} from '../compaction/testing';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import { erase } from './erasure-under-test';

const hourMs = 3_600_000;

test.each([
  ['its key', defineEvent({ ...order, subject: 'id' }), 'order-4007', 'order-40071'],
  ['an index', defineEvent({ ...order, subject: 'amount', indexes: ['amount'] }), '40070', '40071'],
])(
  'of files without a person, by %s, a small range is read and no more',
  async (_, named, subject, absentSubject) => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    const rows = Array.from({ length: 8_000 }, (_, id) => orderRow(id));
    await putRaw(store, 'a', rows);
    await compact(store, { eventType: named, chooseLayout: filesOf(2_000) });
    expect(await listAll(store, 'order/compacted/')).toHaveLength(4);
    const readFrom = async (wanted: string) => {
      store.calls.length = 0;
      const report = await erase(store, { eventType: named, subject: wanted, dryRun: true });
      const read = store.calls.filter(
        ({ operation, key }) => operation === 'get' && key.endsWith('.parquet'),
      );
      return { report, read };
    };
    const absent = await readFrom(absentSubject);
    expect(absent.report).toMatchObject({ searchedFiles: 0, days: [] });
    expect(absent.read.length).toBeLessThanOrEqual(1);
    for (const read of absent.read) expect(read.bytes).toBeLessThan(32 << 10);
    const present = await readFrom(subject);
    expect(present.report).toMatchObject({ searchedFiles: 1, days: [{ rows: 1 }] });
  },
);

test.each([
  ['a text that is too long for an index', 'é'.repeat(600), 'order-1'],
  ['a row without a key', 'ada', null],
])('%s is found where the subject has an index', async (_, subject, id) => {
  const named = defineEvent({
    ...order,
    subject: 'person',
    indexes: ['person'],
    schema: {
      ...order.schema,
      properties: { ...order.schema.properties, person: { type: 'string' } },
    },
  });
  const store = new MemoryObjectStore({ now: () => noonMs });
  const rows = [
    { ...orderRow(1), id, person: subject },
    { ...orderRow(2), person: 'bob' },
  ];
  await store.put(rawKey('a'), rawFile(rows, named));
  await compact(store, { eventType: named });
  expect(await erase(store, { eventType: named, subject })).toMatchObject({ days: [{ rows: 1 }] });
  expect(await visibleEvents(store)).toEqual(['e2']);
});

test.each(['ada@example.org', '007', '9223372036854775808'])(
  'the text %j names nobody where people are integers, by an index or by the key',
  async (subject) => {
    const indexed = defineEvent({ ...order, subject: ['id', 'amount'], indexes: ['amount'] });
    const store = new MemoryObjectStore({ now: () => noonMs });
    await putRaw(store, 'a', [orderRow(7), { ...orderRow(8), id: subject }]);
    await compact(store, { eventType: indexed });
    expect(await erase(store, { eventType: indexed, subject, dryRun: true })).toMatchObject({
      days: [{ rows: 1 }],
    });
  },
);

describe('an event that was sent again with another person', () => {
  const named = defineEvent({
    ...{ ...order, subject: 'person', indexes: ['person', 'amount'] },
    schema: {
      ...order.schema,
      properties: { ...order.schema.properties, person: { type: 'string' } },
    },
  });
  const sent = (event: number, person: string, second: number) => ({
    ...orderRow(event),
    person,
    ingested_at: `${date} 10:00:0${second}.000`,
  });
  /** So many that a small run beside them is not merged with theirs. */
  const ofEve = Array.from({ length: 2_000 }, (_, at) => sent(at + 3, 'eve', 1));
  const eveEvents = ofEve.map(({ event_id }) => event_id);
  /** Two files: the first has an event of Ada, which the second has as Bob's, and the other way round. */
  const storeOf = async (seal: boolean): Promise<MemoryObjectStore> => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    const files = [
      [sent(1, 'zq-ada', 1), sent(2, 'zq-bob', 1), ...ofEve],
      [sent(1, 'zq-bob', 2), sent(2, 'zq-ada', 2)],
    ];
    for (const [at, rows] of files.entries()) {
      await store.put(rawKey(`file-${at}`), rawFile(rows, named));
      await compact(store, { eventType: named, seal: false });
    }
    if (seal) await compact(store, { eventType: named, seal });
    return store;
  };
  const textsOf = async (store: MemoryObjectStore): Promise<string> => {
    await compact(store, { eventType: named, seal: false, now: () => noonMs + 2 * hourMs });
    const texts = await Promise.all(
      (await listAll(store, '')).map(async ({ key }) => {
        const { bytes } = await store.get(key);
        return key.endsWith('.parquet') && !key.includes('/raw/')
          ? rowsOf(bytes)
              .map((row) =>
                JSON.stringify(row, (_, value: unknown) =>
                  typeof value === 'bigint' ? String(value) : value,
                ),
              )
              .join()
          : Buffer.from(bytes).toString('latin1');
      }),
    );
    return texts.join('\n');
  };

  test.each([
    ['merged', true],
    ['not merged', false],
  ])('leaves nothing of either in what is %s, and no row of the other goes', async (_, seal) => {
    const store = await storeOf(seal);
    const options = { eventType: named, bucket };
    expect(await erase(store, { ...options, subject: 'zq-ada' })).toMatchObject({
      days: [{ date }],
    });
    expect(await textsOf(store)).not.toContain('zq-ada');
    // Of the copies that were not merged the other one counts from then on.
    expect(await visibleEvents(store)).toEqual(
      [...(seal ? ['e2'] : ['e1', 'e2']), ...eveEvents].sort(),
    );
    await erase(store, { ...options, subject: 'zq-bob' });
    expect(await textsOf(store)).not.toContain('zq-bob');
    expect(await visibleEvents(store)).toEqual([...eveEvents].sort());
  });

  test('leaves no entry of an index where no row has the person any more, whatever request it dies at', async () => {
    const made = new MemoryObjectStore({ now: () => noonMs });
    await made.put(rawKey('a'), rawFile([sent(1, 'zq-bob', 2), sent(3, 'eve', 1)], named));
    await compact(made, { eventType: named, seal: false });
    await made.put(rawKey('b'), rawFile([sent(1, 'zq-ada', 1)], named));
    await compact(made, { eventType: named });
    expect(await textsOf(made)).toContain('zq-bob');
    const before = await readManifest(made, 'order', date);
    for (let call = 1; ; call++) {
      const store = await copyOf(made, { now: () => noonMs });
      const faulty = new FaultyStore(store, call, call % 2 === 0);
      const first = await erase(faulty, { eventType: named, subject: 'zq-bob' }).catch(
        () => undefined,
      );
      const report = first ?? (await erase(store, { eventType: named, subject: 'zq-bob' }));
      expect(report.days).toEqual([]);
      expect(await textsOf(store)).not.toContain('zq-bob');
      const after = await readManifest(store, 'order', date);
      expect(after?.manifest.files).toEqual(before?.manifest.files);
      if (!first) continue;
      expect(report.indexDays).toEqual([date]);
      expect(await erase(store, { eventType: named, subject: 'zq-bob' })).toMatchObject({
        indexDays: [],
      });
      return;
    }
  });
});
