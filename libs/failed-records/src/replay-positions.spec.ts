import { MemoryObjectStore } from '@sluice/lake-layout';
import type { ReplayOptions } from './replay-table';
import {
  arrivalTimestamp,
  conversionFailed,
  errorKey,
  processingFailed,
  put,
  replay,
  Stream,
} from './replay-under-test';

describe('events whose position in the stream the error output does not name', () => {
  const record = (sequenceNumber: string, data: string, arrivalMs = arrivalTimestamp) => ({
    shardId: 'shard-1',
    sequenceNumber,
    arrivalMs,
    data: Buffer.from(data),
  });
  const reading = (...records: ReturnType<typeof record>[]): ReplayOptions['readStream'] =>
    async function* (table, { fromMs, toMs }) {
      expect([table, fromMs, toMs]).toEqual(['reading', arrivalTimestamp, arrivalTimestamp]);
      yield* await Promise.resolve(records);
    };
  const lines = [processingFailed('{"sensor":"s1"}'), processingFailed('{"sensor":"s2"}')];

  it('get the ids that the transformer would have given them', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [...lines, lines[0]!]);
    await put(store, errorKey('format-conversion-failed', 'b'), [
      conversionFailed('{"sensor":"s3"}', '8', 'new'),
    ]);
    const readStream = reading(
      record('5', '{"sensor":"s1"}'),
      record('6', '{"sensor":"s2"}'),
      record('7', '{"sensor":"s1"}'),
      record('8', '{"sensor":"s3"}'),
      record('9', '{"sensor":"s2"}', arrivalTimestamp + 1),
    );
    await replay(store, stream, { readStream });
    expect([...stream.eventIds()].sort()).toEqual([
      'shard-1:5:0',
      'shard-1:6:0',
      'shard-1:7:0',
      'shard-1:8:0',
    ]);
  });

  it('get the same ids once the stream no longer holds them', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), lines);
    stream.refuse = ({ data }) => (Buffer.from(data).includes('s2') ? 'slow' : undefined);
    await replay(store, stream, {
      readStream: reading(record('5', '{"sensor":"s1"}'), record('6', '{"sensor":"s2"}')),
    });
    stream.refuse = () => undefined;
    await replay(store, stream, { readStream: reading() });
    expect(stream.eventIds()).toEqual(['shard-1:5:0', 'shard-1:6:0']);
  });

  it('never share an id, even if it is not known which of equal records failed', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [lines[0]!]);
    const readStream = reading(record('5', '{"sensor":"s1"}'), record('7', '{"sensor":"s1"}'));
    await replay(store, stream, { readStream });
    expect(stream.eventIds()).toEqual([expect.stringMatching(/^replay:/)]);
  });

  it('keep the ids with which an earlier replay, without positions, began', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), lines);
    stream.refuse = ({ data }) => (Buffer.from(data).includes('s2') ? 'slow' : undefined);
    await replay(store, stream);
    stream.refuse = () => undefined;
    await replay(store, stream, { readStream: reading(record('6', '{"sensor":"s2"}')) });
    expect(stream.eventIds()).toEqual([
      expect.stringMatching(/^replay:/),
      expect.stringMatching(/^replay:/),
    ]);
  });
});
