// For tests only: a delivery stream over a list of records, which records all its effects.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpoints } from './checkpoints';
import { DeliveryStream, type DeliveryPorts } from './delivery-stream';
import type { ShardRecord } from './source-record';
import type { DeliveryStreamConfig } from './delivery-stream-config';
import type { InvocationOutcome } from './transformation';

export const folder = mkdtempSync(join(tmpdir(), 'sluice-delivery-'));
afterAll(() => rmSync(folder, { recursive: true }));

export const config: DeliveryStreamConfig = {
  name: 'orders',
  arn: 'arn:aws:firehose:eu-west-1:1:deliverystream/orders',
  sourceStreamArn: 'arn:aws:kinesis:eu-west-1:1:stream/orders',
  sourceRoleArn: 'arn:aws:iam::1:role/delivery',
  roleArn: 'arn:aws:iam::1:role/delivery',
  bucketArn: 'arn:aws:s3:::lake',
  prefix: 'order/raw/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/',
  errorOutputPrefix: 'order/errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/',
  fileExtension: '.parquet',
  bufferBytes: 1_000_000,
  bufferMs: 60_000,
  transformation: { functionArn: 'arn:fn', bufferBytes: 100, bufferMs: 60_000, retries: 3 },
  conversion: { databaseName: 'sluice', tableName: 'order' },
};

export const arrivalMs = Date.parse('2026-11-21T23:59:59.500Z');
export const record = (sequence: number, text = `{"n":${sequence}}`): ShardRecord => ({
  sequenceNumber: String(sequence),
  partitionKey: 'k',
  arrivalMs: arrivalMs + sequence,
  data: Buffer.from(text).toString('base64'),
});

export interface Envelope {
  readonly records: readonly { readonly recordId: string; readonly data: string }[];
}
export const allOk = (payload: unknown): InvocationOutcome => ({
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

/** Returns a stream of one shard over a list, and a record of all its effects. */
export function world(
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

export const errorLines = (objects: Map<string, string>): unknown[] =>
  [...objects]
    .filter(([key]) => key.includes('/errors/'))
    .flatMap(([, text]) =>
      text
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    );
