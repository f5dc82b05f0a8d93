import { MemoryObjectStore } from '@sluice/lake-layout';
import { encodeAwaitedRows, type Span } from '@sluice/traces';
import { date, noonMs, orderRow, putRaw, rawKey } from './compaction/testing';
import { sendDeliverySpans } from './send-delivery-spans';

const traceId = 'a'.repeat(32);
const noteKey = `order/traces/dt=${date}/1.json`;

const awaited = (event: number, madeMs = noonMs) => ({
  traceId,
  spanId: 'b'.repeat(16),
  eventId: `e${event}`,
  madeMs,
});

/** A lake whose raw files were written a second after noon, with a note of rows that are awaited. */
async function lake(rows: readonly ReturnType<typeof awaited>[]) {
  const store = new MemoryObjectStore({ now: () => noonMs + 1_000 });
  await putRaw(store, 'one', [orderRow(1), orderRow(2)]);
  await putRaw(store, 'two', [orderRow(2), orderRow(3)]);
  await store.put(noteKey, Buffer.from(encodeAwaitedRows(rows)));
  const sent: Span[] = [];
  const tell = (now = noonMs + 60_000) =>
    sendDeliverySpans({
      store,
      table: 'order',
      eventType: 'order',
      send: (spans) => {
        sent.push(...spans);
        return Promise.resolve();
      },
      now: () => now,
    });
  const notes = async () => {
    const keys: string[] = [];
    for await (const { key } of store.list('order/traces/')) keys.push(key);
    return keys;
  };
  return { store, sent, tell, notes };
}

test('a row that is in a file leaves a span below the transformation, and is awaited no longer', async () => {
  const { sent, tell, notes } = await lake([awaited(1), awaited(3)]);
  expect(await tell()).toBe(2);
  expect(sent).toMatchObject([
    {
      service: 'delivery',
      name: 'deliver order',
      traceId,
      parentSpanId: 'b'.repeat(16),
      startMs: noonMs,
      endMs: noonMs + 1_000,
      attributes: { 'sluice.event_id': 'e1', 'aws.s3.key': rawKey('one') },
    },
    { attributes: { 'sluice.event_id': 'e3', 'aws.s3.key': rawKey('two') } },
  ]);
  expect(await notes()).toEqual([]);
  expect(await tell()).toBe(0);
});

test('a row that is in no file is awaited, for six hours', async () => {
  const { sent, tell, notes } = await lake([awaited(1), awaited(9)]);
  expect(await tell()).toBe(1);
  expect(await notes()).toEqual([noteKey]);
  expect(await tell()).toBe(0);
  expect(sent).toHaveLength(1);
  await tell(noonMs + 6 * 3_600_000);
  expect(await notes()).toEqual([]);
});

test('files from before the row was made, and damaged ones, are not its', async () => {
  const { store, tell, notes } = await lake([awaited(1, noonMs + 60_000)]);
  await store.put(rawKey('damaged'), Buffer.from('PAR1 no PAR1'));
  expect(await tell()).toBe(0);
  expect(await notes()).toEqual([noteKey]);
  await store.put(noteKey, Buffer.from('{"version":1,"rows":[{"eventId":5},null]}'));
  expect(await tell()).toBe(0);
  expect(await notes()).toEqual([]);
});
