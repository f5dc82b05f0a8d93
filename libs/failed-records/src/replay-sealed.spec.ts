import { MemoryObjectStore } from '@sluice/lake-layout';
import { readHashKeys } from '@sluice/privacy';
import { sealFailedRecord } from '@sluice/record-flattening';
import { arrivalTimestamp, errorKey, put, replay, Stream } from './replay-under-test';

describe('sealed records', () => {
  const keys = readHashKeys(JSON.stringify({ current: '1', '1': 'k'.repeat(40) }));
  const sealed = (body: string, sequenceNumber: string): string =>
    `${JSON.stringify(
      sealFailedRecord(
        {
          origin: { shardId: 'shard-1', sequenceNumber, arrivalMs: arrivalTimestamp },
          bytes: Buffer.from(body),
          fault: { code: 'required', path: '/value', detail: 'the value is missing' },
          nowMs: 1,
        },
        'reading',
        keys,
      ),
    )}\n`;
  const key = errorKey('sealed', '00-2.ndjson');

  test('go back into the stream once opened, with their position', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, key, [sealed('{"sensor":"a"}', '7'), sealed('{"sensor":"b","x":[', '8')]);
    const report = await replay(store, stream, {
      readErrorKeys: () => Promise.resolve(keys),
    });
    expect(report).toMatchObject({ sent: 1, left: 1 });
    expect(stream.eventIds()).toEqual(['shard-1:7:0']);
    expect(JSON.stringify(report)).not.toContain('"sensor"');
  });

  test('stay closed without a key, and the report says so', async () => {
    const store = new MemoryObjectStore();
    await put(store, key, [sealed('{"sensor":"a"}', '7')]);
    const report = await replay(store, new Stream());
    expect(report).toMatchObject({ sent: 0, left: 1 });
    expect(report.groups[0]?.reason).toContain('no key');
  });
});
