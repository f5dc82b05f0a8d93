import { MemoryObjectStore } from '@sluice/lake-layout';
import { defineEvent } from '@sluice/event-schema';
import { replayTable, type ReplayOptions } from '@sluice/failed-records/replay';
import { openRecord } from '@sluice/record-flattening';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import { eraseFailed } from './erase-failed';

const key = 'order/errors/processing-failed/dt=2026-11-20/e';

const line = (body: string): string =>
  `${JSON.stringify({ arrivalTimestamp: 1, errorCode: 'x', errorMessage: 'y', rawData: Buffer.from(body).toString('base64') })}\n`;

async function erasedOf(subject: string, body: string): Promise<number> {
  const store = new MemoryObjectStore();
  await store.put(key, Buffer.from(line(body)));
  const [{ failedRecords } = { failedRecords: -1 }, other] = await eraseFailed({
    ...{ store, table: 'order', dryRun: false },
    people: [new Set([subject]), new Set(['somebody else'])],
  });
  expect(other).toEqual({ failedRecords: 0, unreadRecords: 0 });
  const left = Buffer.from((await store.get(key)).bytes).toString();
  expect(left).toBe(failedRecords === 1 ? '{"erased":true}\n' : line(body));
  return failedRecords;
}

test.each([
  ['lea', '{"user":"lea"}'],
  ['lea', '{"text":"ask (lea), please"}'],
  ['lea', '{"text":"Dear\\nlea"}'],
  ['lea', '{"user":"\\u006cea"}'],
  ['lea', 'no JSON: lea'],
  ['7', '{"user":7}'],
  ['ada@example.org', '{"cc":"<ada@example.org>"}'],
  ['a.b+c', '{"user":"a.b+c"}'],
  ['O"Neil', '{"user":"O\\"Neil"}'],
  ['名前', '{"text":"これは名前です"}'],
])('of %s the failed record %s goes', async (subject, body) => {
  expect(await erasedOf(subject, body)).toBe(1);
});

test.each([
  ['lea', '{"user":"leaf"}'],
  ['x', '{"text":"next"}'],
  ['7', '{"user":17}'],
  ['a.b+c', '{"user":"aXbbc"}'],
])('of %s the failed record %s stays', async (subject, body) => {
  expect(await erasedOf(subject, body)).toBe(0);
});

describe('a replay', () => {
  const order = defineEvent({
    name: 'order',
    version: '1.0.0',
    key: 'user',
    schema: {
      type: 'object',
      required: ['user'],
      properties: { user: { type: 'string' }, n: { type: 'integer' } },
    },
  });
  /** More lines than one chunk has; each tenth is of the person. */
  const bodies = Array.from(
    { length: 4_500 },
    (_, n) => `{"user":"${n % 10 === 4 ? 'lea' : `user-${n}`}","n":${n}}`,
  );

  /** A stream, and what was put into it of the records. */
  class Stream {
    nowMs = 0;
    readonly texts: string[] = [];
    afterChunk: () => Promise<unknown> = () => Promise.resolve();

    readonly send: ReplayOptions['send'] = async (_table, records) => {
      this.nowMs += 10;
      this.texts.push(...records.map(({ data }) => Buffer.from(openRecord(data).bytes).toString()));
      await this.afterChunk();
      return records.map(() => undefined);
    };

    replay(store: MemoryObjectStore, deadlineMs = Infinity) {
      const now = () => this.nowMs;
      return replayTable({ ...{ store, eventType: order, deadlineMs, now }, send: this.send });
    }
  }

  const storeOfLines = async (): Promise<MemoryObjectStore> => {
    const store = new MemoryObjectStore();
    await store.put(key, Buffer.from(bodies.map(line).join('')));
    return store;
  };
  const erase = (store: MemoryObjectStore) =>
    eraseFailed({ ...{ store, table: 'order', dryRun: false }, people: [new Set(['lea'])] });

  test('that was interrupted goes on after an erasure: nothing of the person comes back, and nothing twice', async () => {
    const store = await storeOfLines();
    const stream = new Stream();
    expect(await stream.replay(store, 5)).toMatchObject({ sent: 2_000, complete: false });
    expect(await erase(store)).toMatchObject([{ failedRecords: 450 }]);
    const before = stream.texts.length;
    expect(await stream.replay(store)).toMatchObject({ sent: 2_250, complete: true });
    expect(stream.texts.slice(before).filter((text) => text.includes('lea'))).toEqual([]);
    expect(new Set(stream.texts).size).toBe(stream.texts.length);
    // Of the erased lines there is nothing left to be sent.
    const after = stream.texts.length;
    await stream.replay(store);
    expect(stream.texts.length).toBe(after);
  });

  test('that is under way ends with its chunk, and the next one sends the rest without the person', async () => {
    const store = await storeOfLines();
    const stream = new Stream();
    stream.afterChunk = async () => {
      stream.afterChunk = () => Promise.resolve();
      await erase(store);
    };
    await stream.replay(store);
    expect(stream.texts).toHaveLength(2_000);
    const before = stream.texts.length;
    expect(await stream.replay(store)).toMatchObject({ complete: true });
    expect(stream.texts.slice(before).filter((text) => text.includes('lea'))).toEqual([]);
    expect(new Set(stream.texts).size).toBe(bodies.length - 250);
  });

  test('that had sent all has nothing to send after an erasure', async () => {
    const store = await storeOfLines();
    const stream = new Stream();
    await stream.replay(store);
    await erase(store);
    expect(await stream.replay(store)).toMatchObject({ sent: 0, skippedObjects: 1 });
    expect(stream.texts).toHaveLength(bodies.length);
  });

  test('sends nothing a second time, whatever request an erasure dies at', async () => {
    const few = ['lea', 'ada', 'bob', 'lea'].map((user, n) => `{"user":"${user}","n":${n}}`);
    for (let call = 1; ; call++)
      for (const isDone of [false, true]) {
        const store = new MemoryObjectStore();
        await store.put(key, Buffer.from(few.map(line).join('')));
        const stream = new Stream();
        await stream.replay(store);
        const faulty = new FaultyStore(store, call, isDone);
        const people = [new Set(['lea'])];
        const asked = { table: 'order', dryRun: false };
        const died = await eraseFailed({ ...asked, store: faulty, people }).then(
          () => false,
          () => true,
        );
        // Either the replay comes first, or the erasure again, with somebody else.
        if (call % 2 === 0) expect(await stream.replay(store)).toMatchObject({ sent: 0 });
        await eraseFailed({ ...asked, store, people: [...people, new Set(['ada'])] });
        expect(await stream.replay(store)).toMatchObject({ sent: 0 });
        expect(stream.texts).toHaveLength(few.length);
        const left = Buffer.from((await store.get(key)).bytes)
          .toString()
          .split('\n');
        expect(left.filter((text) => text === '{"erased":true}')).toHaveLength(3);
        if (!died && isDone) return;
      }
  });
});
