import { gunzipSync } from 'node:zlib';
import { openRecord } from '@sluice/record-flattening';
import { maxRecordBytes, requeue, requeuedEntry, type StreamEntry } from './requeue';

const origin = { shardId: 'shard-1', sequenceNumber: '42', arrivalMs: 7 };
const entry = (bytes: number, name = 'k'): StreamEntry => ({
  data: new Uint8Array(bytes),
  partitionKey: name,
});

describe('requeue', () => {
  test('keeps to 500 records and 5 MiB a call', async () => {
    const calls: (readonly StreamEntry[])[] = [];
    const put = (entries: readonly StreamEntry[]) => {
      calls.push(entries);
      return Promise.resolve(entries.map(() => undefined));
    };
    await requeue(
      Array.from({ length: 1001 }, () => entry(10)),
      { put },
    );
    expect(calls.map((call) => call.length)).toEqual([500, 500, 1]);
    calls.length = 0;
    await requeue(
      Array.from({ length: 6 }, () => entry(maxRecordBytes - 1)),
      { put },
    );
    expect(calls.map((call) => call.length)).toEqual([5, 1]);
  });

  test('waits longer with each try, up to a bound, and then gives up by entry', async () => {
    const waits: number[] = [];
    const outcomes = await requeue(
      [entry(1, 'good'), entry(1, 'bad')],
      {
        put: (entries) =>
          Promise.resolve(
            entries.map(({ partitionKey }) =>
              partitionKey === 'bad' ? 'InternalFailure' : undefined,
            ),
          ),
      },
      {
        maxTries: 5,
        firstWaitMs: 100,
        longestWaitMs: 300,
        random: () => 0.5,
        sleep: (ms) => Promise.resolve(void waits.push(ms)),
      },
    );
    expect(outcomes).toEqual([undefined, 'InternalFailure']);
    expect(waits).toEqual([50, 100, 150, 150]);
  });

  test('takes a call that throws for a refusal of all it carried', async () => {
    let calls = 0;
    const put = (entries: readonly StreamEntry[]) => {
      calls++;
      return calls === 1
        ? Promise.reject(new TypeError('no route'))
        : Promise.resolve(entries.map(() => undefined));
    };
    const sleep = () => Promise.resolve();
    expect(await requeue([entry(1)], { put }, { maxTries: 1, sleep })).toEqual(['TypeError']);
    expect(await requeue([entry(1)], { put }, { sleep })).toEqual([undefined]);
  });

  test('compresses a record that its envelope would make too large', () => {
    const text = Buffer.from(`{"a":"${'x'.repeat(maxRecordBytes - 20)}"}`);
    const made = requeuedEntry(text, origin, 2, 'key');
    expect(made!.data.length).toBeLessThan(maxRecordBytes);
    const { bytes, envelope } = openRecord(made!.data);
    expect(envelope).toEqual({ origin, attempt: 2 });
    expect(gunzipSync(bytes).equals(text)).toBe(true);
  });

  test('puts a record back in one envelope, however often', () => {
    const once = requeuedEntry(Buffer.from('{}'), origin, 1, 'key')!;
    const twice = requeuedEntry(once.data, origin, 2, 'key')!;
    expect(openRecord(twice.data)).toMatchObject({ envelope: { origin, attempt: 2 } });
    expect(Buffer.from(openRecord(twice.data).bytes).toString()).toBe('{}');
  });
});
