import { config, errorLines, record, world, type Envelope } from './delivery-under-test';
import type { ShardRecord } from './source-record';

describe('DeliveryStream', () => {
  test('puts one object under the time of its oldest record and then moves the checkpoint', async () => {
    const { stream, objects, positions } = world([1, 2, 3, 4, 5].map((n) => record(n)));
    await stream.flush();
    await stream.stop();
    expect([...objects]).toEqual([
      [
        expect.stringMatching(
          /^order\/raw\/dt=2026-11-21\/hour=23\/orders-1-2026-11-22-00-00-1\d-uuid-1\.parquet$/,
        ),
        '{"n":1}{"n":2}{"n":3}{"n":4}{"n":5}',
      ],
    ]);
    expect(positions()).toEqual({ 'shard-0': '5' });
    expect(stream.stats).toMatchObject({ recordsRead: 5, rowsDelivered: 5, filesWritten: 1 });
  });

  test.each([
    [undefined, 250],
    [1_000, 1_000],
  ])('asks idle shards at the interval given (%s)', async (idlePollMs, expectedMs) => {
    const pauses: number[] = [];
    const { stream } = world([], {
      ...(idlePollMs !== undefined && { idlePollMs }),
      sleep: (ms) => {
        pauses.push(ms);
        return new Promise((resolve) => setImmediate(resolve));
      },
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await stream.stop();
    expect(new Set(pauses)).toEqual(new Set([expectedMs]));
  });

  test('flushes what came while it was asking the shards', async () => {
    const records: ShardRecord[] = [];
    let answer: (() => void) | undefined;
    let isHeld = false;
    const next = async (): Promise<readonly ShardRecord[]> => {
      const found = records.splice(0);
      if (isHeld) await new Promise<void>((resolve) => (answer = resolve));
      return found;
    };
    const { stream, objects } = world([], { readers: [{ shardId: 'shard-0', next }] });
    const turns = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn++)
        await new Promise((resolve) => setImmediate(resolve));
    };
    await turns(10);
    isHeld = true;
    await turns(10);
    records.push(record(1));
    const flushed = stream.flush();
    isHeld = false;
    answer?.();
    await flushed;
    await stream.stop();
    expect(objects.size).toBe(1);
  });

  test('delivers by age though the clock is set back by an hour', async () => {
    let elapsedMs = 0;
    const { stream, objects, advanceClock } = world([record(1)], { elapsedMs: () => elapsedMs });
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(objects.size).toBe(0);
    advanceClock(-3_600_000);
    elapsedMs = config.bufferMs;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await stream.stop();
    expect([...objects.keys()]).toEqual([expect.stringContaining('/orders-1-2026-11-21-23-')]);
  });

  test('delivers by age without being asked', async () => {
    const { stream, objects } = world([record(1)]);
    while (objects.size === 0) await new Promise((resolve) => setImmediate(resolve));
    await stream.stop();
    expect(objects.size).toBe(1);
  });

  test('writes what the format conversion refuses, as the function gave it, to an error output of its own', async () => {
    const rows = Buffer.from('{"flat":1}').toString('base64');
    const { stream, objects } = world([record(1), record(2)], {
      invoke: (payload) =>
        Promise.resolve({
          ok: true,
          payload: {
            records: (payload as Envelope).records.map(({ recordId }) => ({
              recordId,
              result: 'Ok',
              data: rows,
            })),
          },
        }),
      convert: () =>
        Promise.resolve({
          parquet: Buffer.from('P'),
          rows: 1,
          faults: [
            { index: 1, errorCode: 'DataFormatConversion.MalformedData', errorMessage: 'why' },
          ],
        }),
    });
    await stream.flush();
    await stream.stop();
    expect([...objects.keys()].map((key) => key.split('/')[1])).toEqual(['raw', 'errors']);
    expect(errorLines(objects)).toMatchObject([
      {
        lastErrorCode: 'DataFormatConversion.MalformedData',
        lastErrorMessage: 'why',
        rawData: rows,
        sequenceNumber: '2',
        dataCatalogTable: { databaseName: 'sluice', tableName: 'order' },
      },
    ]);
  });

  test('delivers again what was read but not stored when it stopped', async () => {
    const { stream, objects, positions } = world([record(1)], {
      put: () => Promise.reject(new Error('down')),
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await stream.stop();
    expect(objects.size).toBe(0);
    expect(positions()).toEqual({});
  });
});
