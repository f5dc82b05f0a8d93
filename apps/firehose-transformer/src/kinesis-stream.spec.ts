import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { kinesisStream } from './kinesis-stream';

const kinesalite = jest.requireActual<(options: object) => Server>('kinesalite');
const StreamName = 'things';

describe('the Kinesis stream', () => {
  const { env } = process;
  let server: Server;
  let client: KinesisClient;
  let endpoint: string;

  beforeAll(async () => {
    server = kinesalite({ createStreamMs: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env = {
      ...env,
      AWS_ENDPOINT_URL_KINESIS: endpoint,
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

  test('takes entries with their partition keys, and says so', async () => {
    const stream = kinesisStream(StreamName, endpoint);
    const outcomes = await stream.put([
      { data: Buffer.from('one'), partitionKey: 'a' },
      { data: Buffer.from('two'), partitionKey: 'b' },
    ]);
    expect(outcomes).toEqual([undefined, undefined]);
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
      ['one', 'a'],
      ['two', 'b'],
    ]);
  });

  test('rejects where there is no such stream', async () => {
    const stream = kinesisStream('none', endpoint);
    await expect(
      stream.put([{ data: Buffer.from('one'), partitionKey: 'a' }]),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
