import { defineEvent } from '@sluice/event-schema';
import { LiveFeed, type LiveBatch } from './live-feed';

const reading = defineEvent({
  name: 'reading',
  version: '1.0.0',
  key: 'sensor',
  schema: {
    type: 'object',
    required: ['sensor'],
    properties: { sensor: { type: 'string' } },
  },
});

const record = (sequenceNumber: number, body: string) => ({
  sequenceNumber: String(sequenceNumber),
  partitionKey: 'p',
  arrivalMs: 7,
  data: Buffer.from(body).toString('base64'),
});

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function watched() {
  const feed = new LiveFeed(new Map([['reading', reading]]));
  const batches: LiveBatch[] = [];
  const end = feed.subscribe((batch) => batches.push(batch));
  return { feed, batches, end };
}

test('tells of each record as it arrives, and what became of it, with the reason', () => {
  const { feed, batches } = watched();
  feed.arrived('reading', 's', [record(1, '{"sensor":"a"}'), record(2, '{"sensor":5}')]);
  jest.advanceTimersByTime(250);
  expect(batches[1]).toMatchObject({
    counts: { reading: { arrived: 2, delivered: 0, failed: 0 } },
    records: [
      { id: 1, body: '{"sensor":"a"}', state: 'in the stream' },
      { id: 2, body: '{"sensor":5}' },
    ],
    skipped: 0,
  });
  feed.failed('reading', [{ shardId: 's', sequenceNumber: '2' }]);
  feed.delivered('reading', new Map([['s', '2']]));
  feed.rows('reading', 1);
  jest.advanceTimersByTime(250);
  expect(batches[2]).toMatchObject({
    counts: { reading: { arrived: 2, delivered: 1, failed: 1 } },
    records: [],
    settled: [
      { id: 2, state: 'failed', fault: { code: 'type', pointer: '/sensor' } },
      { id: 1, state: 'delivered' },
    ],
  });
});

test('however many come, a batch has a hundred at most, and says how many more there were', () => {
  const { feed, batches } = watched();
  feed.arrived(
    'reading',
    's',
    Array.from({ length: 5_000 }, (_, index) => record(index, '{}')),
  );
  jest.advanceTimersByTime(250);
  expect(batches[1]?.records).toHaveLength(100);
  expect(batches[1]?.skipped).toBe(4_900);
  expect(batches[1]?.records.at(-1)?.id).toBe(5_000);
});

test('who comes later sees the last ones, and who has gone is told nothing', () => {
  const { feed, batches, end } = watched();
  end();
  feed.arrived('reading', 's', [record(1, 'x'.repeat(100_000))]);
  jest.advanceTimersByTime(1_000);
  expect(batches).toHaveLength(1);
  const late: LiveBatch[] = [];
  feed.subscribe((batch) => late.push(batch));
  expect(late[0]?.records).toMatchObject([{ bytes: 100_000, isCut: true }]);
  expect(late[0]?.records[0]?.body).toHaveLength(2_000);
});

test('a feed goes on with another stack: counts stay, and what is read once more is not told twice', () => {
  const { feed, batches } = watched();
  feed.arrived('reading', 's', [record(1, '{"sensor":"a"}'), record(2, '{"sensor":"b"}')]);
  feed.delivered('reading', new Map([['s', '1']]));
  feed.resume(new Map([['reading', reading]]));
  feed.arrived('reading', 's', [record(2, '{"sensor":"b"}'), record(3, '{"sensor":5}')]);
  feed.failed('reading', [{ shardId: 's', sequenceNumber: '3' }]);
  jest.advanceTimersByTime(250);
  expect(batches[1]).toMatchObject({
    counts: { reading: { arrived: 3, failed: 1 } },
    records: [
      { id: 1, state: 'delivered' },
      { id: 2, state: 'in the stream' },
      { id: 3, state: 'failed', fault: { pointer: '/sensor' } },
    ],
  });
});
