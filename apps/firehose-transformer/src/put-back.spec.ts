import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { maxRecordBytes, type PutRecords } from '@sluice/aws-clients/put-all-records';
import { openRecord } from '@sluice/record-flattening';
import { lazyPutRecords, putBackInto, putBackRecord } from './put-back';

const origin = { shardId: 'shard-1', sequenceNumber: '42', arrivalMs: 7 };
const record = (text: string) => ({ data: Buffer.from(text), partitionKey: text });

describe('putting back', () => {
  const sleep = () => Promise.resolve();

  test('takes a call that throws for a refusal of all it carried, and tries it again', async () => {
    let calls = 0;
    const failing = (times: number): PutRecords => {
      calls = 0;
      return ({ Records = [] }) =>
        ++calls <= times
          ? Promise.reject(new TypeError('no route'))
          : Promise.resolve({ Records: Records.map(() => ({ SequenceNumber: '1' })) });
    };
    const putBack = (times: number) =>
      putBackInto({ streamName: 's', putRecords: failing(times), sleep })([record('a')]);
    expect(await putBack(5)).toEqual([]);
    expect(calls).toBe(6);
    expect(await putBack(6)).toEqual([{ index: 0, code: 'TypeError', message: '' }]);
  });

  test('compresses a record that its envelope would make too large', () => {
    const text = Buffer.from(`{"a":"${'x'.repeat(maxRecordBytes - 20)}"}`);
    const made = putBackRecord(text, origin, 2, 'key');
    expect(made!.data.length).toBeLessThan(maxRecordBytes);
    const { bytes, envelope } = openRecord(made!.data);
    expect(envelope).toEqual({ origin, attempt: 2 });
    expect(gunzipSync(bytes).equals(text)).toBe(true);
  });

  test('puts a record back in one envelope, however often', () => {
    const once = putBackRecord(Buffer.from('{}'), origin, 1, 'key')!;
    const twice = putBackRecord(once.data, origin, 2, 'key')!;
    expect(openRecord(twice.data)).toMatchObject({ envelope: { origin, attempt: 2 } });
    expect(Buffer.from(openRecord(twice.data).bytes).toString()).toBe('{}');
  });
});

const kinesalite = jest.requireActual<(options: object) => Server>('kinesalite');
const StreamName = 'things';

describe('the Kinesis stream', () => {
  const { env } = process;
  let server: Server;
  let client: KinesisClient;

  beforeAll(async () => {
    server = kinesalite({ createStreamMs: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    process.env = {
      ...env,
      AWS_ENDPOINT_URL_KINESIS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
    client = new KinesisClient({ requestHandler: new NodeHttpHandler() });
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  });

  afterAll(async () => {
    client.destroy();
    process.env = env;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('takes records with their partition keys', async () => {
    const putBack = putBackInto({ streamName: StreamName });
    expect(await putBack([record('one'), record('two')])).toEqual([]);
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName,
        ShardId: 'shardId-000000000000',
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
    expect(
      Records.map(({ Data, PartitionKey }) => [Buffer.from(Data!).toString(), PartitionKey]),
    ).toEqual([
      ['one', 'one'],
      ['two', 'two'],
    ]);
  });

  test('refuses by name where there is no such stream', async () => {
    const putRecords = lazyPutRecords();
    const putBack = putBackInto({ streamName: 'none', putRecords, sleep: () => Promise.resolve() });
    expect(await putBack([record('one')])).toMatchObject([{ code: 'ResourceNotFoundException' }]);
  });
});
