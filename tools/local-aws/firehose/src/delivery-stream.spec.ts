import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpoints } from './checkpoints';
import { DeliveryStream, type DeliveryPorts } from './delivery-stream';
import { DeliveryStalledError, type DeliveryTrouble } from './persistence';
import type { ShardRecord } from './source-record';
import type { DeliveryStreamConfig } from './delivery-stream-config';
import type { InvocationOutcome } from './transformation';

const folder = mkdtempSync(join(tmpdir(), 'sluice-delivery-'));
afterAll(() => rmSync(folder, { recursive: true }));

const config: DeliveryStreamConfig = {
  name: 'orders',
  arn: 'arn:aws:firehose:eu-west-1:1:deliverystream/orders',
  sourceStreamArn: 'arn:aws:kinesis:eu-west-1:1:stream/orders',
  bucketArn: 'arn:aws:s3:::lake',
  prefix: 'order/raw/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/',
  errorOutputPrefix: 'order/errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/',
  fileExtension: '.parquet',
  bufferBytes: 1_000_000,
  bufferMs: 60_000,
  transformation: { functionArn: 'arn:fn', bufferBytes: 100, bufferMs: 60_000, retries: 3 },
  conversion: { databaseName: 'sluice', tableName: 'order' },
};

const arrivalMs = Date.parse('2026-11-21T23:59:59.500Z');
const record = (sequence: number, text = `{"n":${sequence}}`): ShardRecord => ({
  sequenceNumber: String(sequence),
  partitionKey: 'k',
  arrivalMs: arrivalMs + sequence,
  data: Buffer.from(text).toString('base64'),
});

interface Envelope {
  readonly records: readonly { readonly recordId: string; readonly data: string }[];
}
const allOk = (payload: unknown): InvocationOutcome => ({
  ok: true,
  payload: {
    records: (payload as Envelope).records.map(({ recordId, data }) => ({
      recordId,
      result: 'Ok',
      data,
    })),
  },
});

let nextCheckpoint = 0;

/** A stream of one shard over a list, with everything it did to the outside. */
function world(
  records: ShardRecord[],
  overrides: Partial<DeliveryPorts> = {},
  more: Partial<DeliveryStreamConfig> = {},
) {
  const objects = new Map<string, string>();
  const invocations: unknown[] = [];
  const file = join(folder, `${++nextCheckpoint}.json`);
  const checkpoints = new Checkpoints(file);
  const startMs = Date.parse('2026-11-22T00:00:10Z');
  let clockMs = startMs;
  let uuid = 0;
  const { invoke = (payload: unknown) => Promise.resolve(allOk(payload)), ...ports } = overrides;
  const stream = new DeliveryStream(
    { ...config, ...more },
    { region: 'eu-west-1', accountId: '1' },
    {
      readers: [{ shardId: 'shard-0', next: () => Promise.resolve(records.splice(0, 4)) }],
      invoke: async (payload) => {
        invocations.push(payload);
        return invoke(payload);
      },
      convert: (data) =>
        Promise.resolve({ parquet: Buffer.concat(data), rows: data.length, faults: [] }),
      put: (key, bytes) => {
        objects.set(key, Buffer.from(bytes).toString());
        return Promise.resolve();
      },
      checkpoints,
      log: () => undefined,
      now: () => clockMs,
      elapsedMs: () => clockMs - startMs,
      sleep: (ms) => {
        clockMs += ms;
        return new Promise((resolve) => setImmediate(resolve));
      },
      randomUuid: () => `uuid-${++uuid}`,
      ...ports,
    },
  );
  stream.start();
  return {
    stream,
    objects,
    invocations,
    positions: () => Object.fromEntries(new Checkpoints(file).positions),
    advanceClock: (ms: number) => (clockMs += ms),
  };
}

const errorLines = (objects: Map<string, string>): unknown[] =>
  [...objects]
    .filter(([key]) => key.includes('/errors/'))
    .flatMap(([, text]) =>
      text
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    );

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

  test('takes a shard that can not be read for one that may hold something', async () => {
    let failures = 5;
    const records = [record(1)];
    const next = (): Promise<readonly ShardRecord[]> =>
      failures-- > 0 ? Promise.reject(new Error('throttled')) : Promise.resolve(records.splice(0));
    const { stream, objects } = world([], { readers: [{ shardId: 'shard-0', next }] });
    await stream.flush();
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

  describe('that can not go on', () => {
    const gone = () => Promise.reject(new Error('ResourceNotFoundException: no stream'));
    const unwritable = (): Checkpoints =>
      Object.assign(new Checkpoints(join(folder, 'none.json')), {
        advance: () => {
          throw new Error('ENOSPC');
        },
      });
    const broken: readonly (readonly [string, Partial<DeliveryPorts>, string])[] = [
      [
        'whose stream is gone',
        { readers: [{ shardId: 'shard-0', next: gone }] },
        'reading shard-0',
      ],
      [
        'whose conversion runs out of memory',
        { convert: () => Promise.reject(new Error('out of memory')) },
        'converting records',
      ],
      [
        'whose checkpoint can not be written',
        { checkpoints: unwritable() },
        'noting what is delivered',
      ],
      [
        'whose store takes nothing',
        { put: () => Promise.reject(new Error('503')) },
        'storing order/',
      ],
    ];

    test.each(broken)('%s says so, gives up a flush and stops', async (_, ports, what) => {
      const stalled: DeliveryTrouble[] = [];
      const { stream, positions } = world([record(1)], {
        ...ports,
        onStalled: (trouble) => stalled.push(trouble),
      });
      const flushed = stream.flush();
      await expect(flushed).rejects.toThrow(DeliveryStalledError);
      await expect(flushed).rejects.toThrow(
        new RegExp(`^the delivery stream orders can't go on: ${what}`),
      );
      await stream.stop();
      expect(stalled).toHaveLength(1);
      expect(positions()).toEqual({});
      await stream.flush();
    });

    test('says once that it goes on after all', async () => {
      const told: string[] = [];
      let failures = 8;
      const records = [record(1)];
      const { stream, objects } = world([], {
        readers: [
          {
            shardId: 'shard-0',
            next: () => (failures-- > 0 ? gone() : Promise.resolve(records.splice(0))),
          },
        ],
        onStalled: () => told.push('stalled'),
        onRecovered: () => told.push('recovered'),
      });
      while (failures >= 0) await new Promise((resolve) => setImmediate(resolve));
      await stream.flush();
      await stream.stop();
      expect(told).toEqual(['stalled', 'recovered']);
      expect(objects.size).toBe(1);
    });

    test('gives up at once where something is wrong that nobody foresaw, and keeps its records', async () => {
      const stalled: DeliveryTrouble[] = [];
      const { stream, positions } = world([record(1)], {
        invoke: () => {
          throw new Error('no template has the function');
        },
        onStalled: (trouble) => stalled.push(trouble),
      });
      await expect(stream.flush()).rejects.toThrow(/no template has the function/);
      await expect(stream.flush()).rejects.toThrow(DeliveryStalledError);
      await stream.stop();
      expect(stalled).toMatchObject([{ deliveryStream: 'orders', what: 'delivering' }]);
      expect(positions()).toEqual({});
    });

    test('stops while it waits for its next attempt', async () => {
      const { stream } = world([record(1)], {
        readers: [{ shardId: 'shard-0', next: gone }],
        sleep: () => new Promise(() => undefined),
      });
      await new Promise((resolve) => setImmediate(resolve));
      await stream.stop();
    });
  });

  test('delivers by age without being asked', async () => {
    const { stream, objects } = world([record(1)]);
    while (objects.size === 0) await new Promise((resolve) => setImmediate(resolve));
    await stream.stop();
    expect(objects.size).toBe(1);
  });

  test('invokes the function with batches of its buffer hint, in the documented envelope', async () => {
    const { stream, invocations } = world(Array.from({ length: 30 }, (_, n) => record(n + 1)));
    await stream.flush();
    await stream.stop();
    expect(invocations.length).toBeGreaterThan(1);
    expect(invocations[0]).toMatchObject({
      deliveryStreamArn: config.arn,
      sourceKinesisStreamArn: config.sourceStreamArn,
      region: 'eu-west-1',
      records: expect.arrayContaining([
        {
          recordId: '1000000',
          approximateArrivalTimestamp: arrivalMs + 1,
          data: record(1).data,
          kinesisRecordMetadata: {
            shardId: 'shard-0',
            partitionKey: 'k',
            approximateArrivalTimestamp: arrivalMs + 1,
            sequenceNumber: '1',
            subsequenceNumber: 0,
          },
        },
      ]),
    });
  });

  test.each<[string, (ids: readonly string[]) => unknown, string]>([
    ['a missing record id', () => ({ records: [] }), 'Lambda.MissingRecordId'],
    [
      'a record id twice',
      ([id]) => ({ records: [1, 2].map(() => ({ recordId: id, result: 'Ok', data: '' })) }),
      'Lambda.DuplicatedRecordId',
    ],
    [
      'ProcessingFailed',
      ([id]) => ({ records: [{ recordId: id, result: 'ProcessingFailed', data: '' }] }),
      'Lambda.ProcessingFailedStatus',
    ],
    [
      'an unknown result',
      ([id]) => ({ records: [{ recordId: id, result: 'Fine', data: '' }] }),
      'Lambda.InvalidReturnFormat',
    ],
    [
      'data that is not base64',
      ([id]) => ({ records: [{ recordId: id, result: 'Ok', data: '{}' }] }),
      'Lambda.InvalidReturnFormat',
    ],
    ['no records', () => 'done', 'Lambda.InvalidReturnFormat'],
  ])(
    'writes %s to the error output with the original bytes, without another attempt',
    async (_, answer, errorCode) => {
      const { stream, objects, invocations } = world([record(1)], {
        invoke: (payload) =>
          Promise.resolve({
            ok: true,
            payload: answer((payload as Envelope).records.map(({ recordId }) => recordId)),
          }),
      });
      await stream.flush();
      await stream.stop();
      expect([...objects.keys()]).toEqual([
        expect.stringMatching(/^order\/errors\/processing-failed\/dt=2026-11-21\/orders-1-/),
      ]);
      expect(errorLines(objects)).toEqual([
        {
          attemptsMade: 1,
          arrivalTimestamp: arrivalMs + 1,
          errorCode,
          errorMessage: expect.any(String),
          attemptEndingTimestamp: expect.any(Number),
          rawData: record(1).data,
          lambdaARN: 'arn:fn',
        },
      ]);
      expect(invocations).toHaveLength(1);
      expect(stream.stats).toMatchObject({ rowsDelivered: 0, recordsFailed: 1 });
    },
  );

  test('tries a function that fails three times more, then gives the batch up', async () => {
    const { stream, objects, invocations } = world([record(1), record(2)], {
      invoke: () => Promise.resolve({ ok: false, errorType: 'Unhandled', message: 'boom' }),
    });
    await stream.flush();
    await stream.stop();
    expect(invocations).toHaveLength(4);
    expect(errorLines(objects)).toMatchObject([
      { attemptsMade: 4, errorCode: 'Lambda.FunctionError', errorMessage: 'Unhandled: boom' },
      { attemptsMade: 4, errorCode: 'Lambda.FunctionError' },
    ]);
  });

  test('leaves no trace of a dropped record but the checkpoint', async () => {
    const { stream, objects, positions } = world([record(7)], {
      invoke: (payload) =>
        Promise.resolve({
          ok: true,
          payload: {
            records: (payload as Envelope).records.map(({ recordId }) => ({
              recordId,
              result: 'Dropped',
            })),
          },
        }),
    });
    await stream.flush();
    await stream.stop();
    expect(objects.size).toBe(0);
    expect(positions()).toEqual({ 'shard-0': '7' });
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

  test('keeps trying to note what it delivered, as on a full disk', async () => {
    let attempts = 0;
    const { stream, positions } = world([record(1)], {
      onFailed: () => {
        if (++attempts < 3) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      },
    });
    await stream.flush();
    await stream.stop();
    expect(attempts).toBe(3);
    expect(positions()).toEqual({ 'shard-0': '1' });
  });

  test('invokes the function with each record that a producer library put into one', async () => {
    const data = readFileSync(join(__dirname, 'fixtures', 'kpl-three.bin')).toString('base64');
    const { stream, invocations, objects, positions } = world([{ ...record(9), data }, record(10)]);
    await stream.flush();
    await stream.stop();
    expect((invocations as readonly Envelope[]).flatMap(({ records }) => records)).toMatchObject([
      ...[1, 2, 3].map((n, index) => ({
        recordId: `900000${index}`,
        data: Buffer.from(`{"id":"kpl-${n}","s":"${['one', 'two', 'three'][index]!}"}`).toString(
          'base64',
        ),
        kinesisRecordMetadata: { sequenceNumber: '9', subsequenceNumber: index },
      })),
      { recordId: '10000000' },
    ]);
    expect(objects.size).toBe(1);
    expect(positions()).toEqual({ 'shard-0': '10' });
  });

  test('keeps trying to store an object, and moves no checkpoint before it is stored', async () => {
    let attempts = 0;
    const seen: unknown[] = [];
    const stored = new Map<string, string>();
    const { stream, positions } = world([record(1)], {
      put: (key, bytes) => {
        seen.push(positions());
        if (++attempts < 4) return Promise.reject(new Error('503'));
        stored.set(key, Buffer.from(bytes).toString());
        return Promise.resolve();
      },
    });
    await stream.flush();
    await stream.stop();
    expect(attempts).toBe(4);
    expect(seen).toEqual([{}, {}, {}, {}]);
    expect(positions()).toEqual({ 'shard-0': '1' });
    expect(stored.size).toBe(1);
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
