import type { LiveBatch, LiveRecord } from './facts';
import { afterBatch, arrivalRate, inStream, nothingYet } from './live-state';

const record = (id: number, table = 'reading'): LiveRecord => ({
  ...{ id, table, arrivedMs: 0, bytes: 2, body: '{}', isCut: false, state: 'in the stream' },
});
const batch = (change: Partial<LiveBatch>, arrived = 0): LiveBatch => ({
  ...{ atMs: 60_000, sinceMs: 1, records: [], skipped: 0, settled: [] },
  counts: { reading: { arrived, delivered: 0, failed: 0 } },
  ...change,
});
const ids = ({ records }: typeof nothingYet) => records.map(({ id }) => id);

test('records are kept once each, and become what is told of them', () => {
  const first = afterBatch(nothingYet, batch({ records: [record(1), record(2)] }, 2));
  const again = afterBatch(first, batch({ records: [record(2), record(3)] }, 3));
  expect(ids(again)).toEqual([1, 2, 3]);
  const settled = afterBatch(again, batch({ settled: [{ id: 2, state: 'delivered' }] }, 3));
  expect(settled.records.map(({ state }) => state)).toEqual([
    ...['in the stream', 'delivered', 'in the stream'],
  ]);
  expect(settled.records[0]).toBe(again.records[0]);
  expect([inStream(settled), inStream(settled, 'other')]).toEqual([2, 0]);
});

test('what arrived before the page was opened is no rate', () => {
  const opened = afterBatch(nothingYet, batch({}, 1_000));
  expect(arrivalRate(opened, 60_000)).toBe(0);
  expect(arrivalRate(afterBatch(opened, batch({}, 1_050)), 60_000)).toBe(5);
});

test('a feed that began anew shows its own records, though it counts them from one', () => {
  const old = afterBatch(nothingYet, batch({ records: [record(1_500)] }, 1_500));
  const next = afterBatch(old, batch({ sinceMs: 2, records: [record(1, 'mine')] }, 1));
  expect(next.records).toEqual([record(1, 'mine')]);
  expect(arrivalRate(next, 60_000)).toBe(0.1);
});
