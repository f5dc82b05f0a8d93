// Who may call the local Kinesis, and what a broken request breaks.
import {
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import fc from 'fast-check';
import * as crypto from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinesisHeaders } from './kinesis-call';
import { signatureV4 } from '@sluice/local-http';
import { startKinesis, type LocalKinesis } from './start-kinesis';

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
const signature = signatureV4(crypto, credentials);
const folder = mkdtempSync(join(tmpdir(), 'sluice-kinesis-callers-'));
const console = 'http://127.0.0.1:4610';
let kinesis: LocalKinesis;

beforeAll(async () => {
  kinesis = await startKinesis({ folder, credentials, allowedOrigins: [console] });
  await kinesis.ensureStreams([{ name: 'events', shards: 1 }]);
});
afterAll(async () => {
  await kinesis.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const send = (
  operation: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const signed = kinesisHeaders({ endpoint: kinesis.url, operation, body, signature });
    const outgoing = request(
      kinesis.url,
      { method, headers: { ...signed, ...headers } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers as Answer['headers'],
            body: text,
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const client = (own: typeof credentials): KinesisClient =>
  new KinesisClient({
    endpoint: kinesis.url,
    region: 'us-east-1',
    credentials: own,
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  });

/** Expects that a record is accepted, so that no earlier call broke the server or blocks the stream. */
const expectToWork = async (): Promise<void> => {
  const { status } = await send(
    'PutRecord',
    '{"StreamName":"events","PartitionKey":"k","Data":"e30="}',
  );
  expect(status).toBe(200);
};

describe('the local Kinesis', () => {
  test('answers the SDK with the right secret only', async () => {
    const right = client(credentials);
    expect((await right.send(new ListStreamsCommand())).StreamNames).toEqual(['events']);
    const wrong = client({ ...credentials, secretAccessKey: 'guessed' });
    const put = new PutRecordCommand({
      StreamName: 'events',
      PartitionKey: 'k',
      Data: Buffer.from('{}'),
    });
    await expect(wrong.send(put)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    for (const one of [right, wrong]) one.destroy();
    const unsigned = await send('ListStreams', '{}', { authorization: '' });
    expect(JSON.parse(unsigned.body)).toMatchObject({
      __type: 'MissingAuthenticationTokenException',
    });
  });

  test('takes of a role what its policies allow, from when they are told', async () => {
    const role = client(signature.credentialsOf('gateway'));
    const put = (StreamName: string) =>
      role.send(
        new PutRecordsCommand({
          Records: [{ PartitionKey: '"StreamName":"other"', Data: Buffer.from('{}') }],
          StreamName,
        }),
      );
    const refused = { name: 'AccessDeniedException' };
    await expect(put('events')).rejects.toMatchObject(refused);
    await kinesis.permit({
      gateway: [
        {
          Effect: 'Allow',
          Action: 'kinesis:PutRecords',
          Resource: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
        },
      ],
    });
    expect((await put('events')).FailedRecordCount).toBe(0);
    await expect(put('other')).rejects.toMatchObject(refused);
    await expect(role.send(new ListStreamsCommand())).rejects.toMatchObject(refused);
    role.destroy();
  });

  test('permits no page but those of an origin that was asked for', async () => {
    for (const headers of [
      { origin: 'https://elsewhere.example' },
      { origin: 'http://localhost:5173' },
      { host: 'rebound.example:4603' },
      { 'sec-fetch-site': 'cross-site' },
    ])
      for (const method of ['POST', 'OPTIONS', 'GET']) {
        const answer = await send('ListStreams', '{}', headers, method);
        expect(answer.status).toBe(403);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
        expect(answer.body).not.toContain('events');
      }
    const preflight = await send(
      'ListStreams',
      '',
      {
        origin: console,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-amz-target',
      },
      'OPTIONS',
    );
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': console,
        'access-control-allow-headers': 'x-amz-target',
      },
    });
    expect(await send('ListStreams', '{}', { origin: console })).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': console },
    });
  });

  test.each([
    ['PutRecords', '{"StreamName":"events","Records":[null]}', 400],
    [
      'PutRecords',
      '{"StreamName":"events","Records":[{"Data":"e30=","PartitionKey":"k"},null]}',
      400,
    ],
    ['ListShards', '{"NextToken":"x"}', 400],
    ['ListShards', '{}', 400],
    ['GetRecords', '{"ShardIterator":"AAAA"}', 400],
    ['PutRecord', '{"StreamName":"constructor","PartitionKey":"k","Data":"e30="}', 400],
    ['PutRecord', '{"StreamName":"length","PartitionKey":"k","Data":"e30="}', 400],
    ['CreateStream', '{"StreamName":"__proto__","ShardCount":1}', 400],
    ['DescribeStream', '{"StreamName":"toString"}', 400],
    ['AddTagsToStream', '{"StreamName":"events","Tags":{"a":null}}', undefined],
    ['RemoveTagsFromStream', '{"StreamName":"events","TagKeys":[null]}', 400],
    ['PutRecords', '[', 400],
    ['PutRecords', 'null', 400],
    ['PutRecords', '', 400],
    ['ListStreams', '['.repeat(100_000), 400],
    ['ListStreams', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, undefined],
  ])('answers a broken %s alone, and goes on: %.60s', async (operation, body, status) => {
    const answer = await send(operation, body);
    if (status === undefined) expect([200, 400, 500]).toContain(answer.status);
    else expect(answer.status).toBe(status);
    await expectToWork();
  });

  test('outlives connections that break off', async () => {
    const { hostname, port } = new URL(kinesis.url);
    const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 1000\r\n\r\nhalf`;
    for (const text of [head, head.slice(0, 20), 'nothing that HTTP knows\r\n\r\n'])
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(text, () => setTimeout(() => socket.destroy(), 20));
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
      });
    await expectToWork();
  });

  test('outlives inputs of any kind', async () => {
    const member = fc.oneof(
      fc.constantFrom('StreamName', 'Records', 'ShardId', 'NextToken', 'Limit', '__proto__'),
      fc.constantFrom('ShardIterator', 'ShardIteratorType', 'Data', 'PartitionKey', 'Tags'),
      fc.constantFrom('ExplicitHashKey', 'StartingSequenceNumber', 'ShardToSplit', 'ShardCount'),
    );
    const value = fc.oneof(
      fc.constantFrom('events', 'shardId-000000000000', 'TRIM_HORIZON', 'e30=', '0', null, 1, -1),
      fc.constantFrom('AT_SEQUENCE_NUMBER', '9'.repeat(60), 'constructor', 1e300, true, {}, []),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const operation = fc.constantFrom(
      ...['PutRecord', 'PutRecords', 'GetRecords', 'GetShardIterator', 'ListShards', 'ListStreams'],
      ...['SplitShard', 'MergeShards', 'DescribeStream', 'AddTagsToStream', 'ListTagsForStream'],
    );
    await fc.assert(
      fc.asyncProperty(operation, fc.dictionary(member, value), async (name, input) => {
        const { status } = await send(name, JSON.stringify(input));
        expect([200, 400, 500]).toContain(status);
      }),
      { numRuns: 300 },
    );
    await expectToWork();
  });
});
