import fc from 'fast-check';
import {
  putAllRecords,
  type OutgoingRecord,
  type PutAllOptions,
  type PutRecords,
} from './put-all-records';

/** Stream that refuses what a test decides, and what Kinesis itself refuses. */
class FakeStream {
  readonly taken: string[] = [];
  readonly batchSizes: number[] = [];
  readonly #refuses: (text: string, call: number) => string | undefined;

  constructor(refuses: (text: string, call: number) => string | undefined = () => undefined) {
    this.#refuses = refuses;
  }

  readonly putRecords: PutRecords = ({ Records: records = [] }) => {
    this.batchSizes.push(records.length);
    const bytes = records.reduce(
      (sum, { Data, PartitionKey }) =>
        sum + (Data?.length ?? 0) + Buffer.byteLength(PartitionKey ?? ''),
      0,
    );
    if (records.length === 0 || records.length > 500 || bytes > 5 << 20)
      return Promise.reject(new Error(`a call of ${records.length} records, ${bytes} bytes`));
    return Promise.resolve({
      Records: records.map(({ Data }) => {
        const text = Buffer.from(Data ?? []).toString();
        const ErrorCode = this.#refuses(text, this.batchSizes.length);
        if (ErrorCode !== undefined) return { ErrorCode, ErrorMessage: 'not now' };
        this.taken.push(text);
        return { SequenceNumber: '1' };
      }),
    });
  };
}

const record = (text: string): OutgoingRecord => ({ data: Buffer.from(text), partitionKey: text });

const put = (
  stream: FakeStream,
  records: readonly OutgoingRecord[],
  options: Partial<PutAllOptions> = {},
): ReturnType<typeof putAllRecords> =>
  putAllRecords({
    putRecords: stream.putRecords,
    streamName: 's',
    records,
    firstWaitMs: 1,
    ...options,
  });

const tooFast = 'ProvisionedThroughputExceededException';

describe('putAllRecords', () => {
  test('makes calls of 500 records, in order', async () => {
    const stream = new FakeStream();
    const texts = Array.from({ length: 1200 }, (_, i) => String(i));
    expect(await put(stream, texts.map(record))).toEqual({ accepted: 1200, refused: [], calls: 3 });
    expect(stream.batchSizes).toEqual([500, 500, 200]);
    expect(stream.taken).toEqual(texts);
  });

  test('keeps a call within its bytes', async () => {
    const stream = new FakeStream();
    const records = Array.from({ length: 12 }, (_, i) => ({
      data: Buffer.alloc(1_000_000, i),
      partitionKey: 'k',
    }));
    expect(await put(stream, records)).toMatchObject({ accepted: 12, calls: 3 });
    expect(stream.batchSizes).toEqual([5, 5, 2]);
  });

  test('sends again what was refused, and only that', async () => {
    const stream = new FakeStream((text, call) =>
      call <= 2 && Number(text) % 3 === 0 ? tooFast : undefined,
    );
    const texts = Array.from({ length: 9 }, (_, i) => String(i));
    expect(await put(stream, texts.map(record))).toEqual({ accepted: 9, refused: [], calls: 3 });
    expect(stream.batchSizes).toEqual([9, 3, 3]);
    expect([...stream.taken].sort()).toEqual(texts);
  });

  test('gives back what is refused for good, with the reason', async () => {
    const stream = new FakeStream((text) => (text === 'b' ? tooFast : undefined));
    const result = await put(stream, ['a', 'b', 'c'].map(record), { maxAttempts: 3 });
    expect(result).toEqual({
      accepted: 2,
      refused: [{ index: 1, code: tooFast, message: 'not now' }],
      calls: 3,
    });
  });

  test('sends no record that no stream takes', async () => {
    const stream = new FakeStream();
    const large = { data: Buffer.alloc(1 << 20), partitionKey: 'k' };
    expect(await put(stream, [large, record('a')])).toMatchObject({
      accepted: 1,
      refused: [{ index: 0, code: 'RecordTooLarge' }],
      calls: 1,
    });
    expect(stream.taken).toEqual(['a']);
  });

  test('waits longer with each attempt, up to a bound', async () => {
    const waits: number[] = [];
    await put(new FakeStream(() => tooFast), [record('a')], {
      maxAttempts: 5,
      firstWaitMs: 100,
      longestWaitMs: 300,
      random: () => 0.5,
      sleep: (ms) => Promise.resolve(void waits.push(ms)),
    });
    expect(waits).toEqual([50, 100, 150, 150]);
  });

  test('makes no call without records', async () => {
    expect(await put(new FakeStream(), [])).toEqual({ accepted: 0, refused: [], calls: 0 });
  });

  test('stops waiting when it is told to', async () => {
    const stream = new FakeStream(() => tooFast);
    const controller = new AbortController();
    const running = put(stream, [record('a')], {
      firstWaitMs: 60_000,
      longestWaitMs: 60_000,
      random: () => 1,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 5);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('accepts or gives back each record exactly once, whatever the stream does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 40 }), async (refusals) => {
        // Each record is refused so many times.
        const left = new Map(refusals.map((times, index) => [String(index), times]));
        const stream = new FakeStream((text) => {
          const times = left.get(text) ?? 0;
          left.set(text, times - 1);
          return times > 0 ? tooFast : undefined;
        });
        const records = refusals.map((_, index) => record(String(index)));
        const result = await put(stream, records, { maxAttempts: 4, firstWaitMs: 0 });
        const refused = refusals.flatMap((times, index) => (times >= 4 ? [index] : []));
        expect(result.refused.map(({ index }) => index)).toEqual(refused);
        expect(result.accepted).toBe(refusals.length - refused.length);
        expect(stream.taken).toHaveLength(result.accepted);
      }),
      { numRuns: 30 },
    );
  });
});
