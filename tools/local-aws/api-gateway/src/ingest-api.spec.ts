import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  CreateStreamCommand,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { defineEvent } from '@sluice/event-schema';
import { sale } from '@sluice/event-schema/testing/shop';
import { createIngestClient } from '@sluice/ingest-client';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import { createRestApi, type RestApi } from './rest-api';

const kinesalite = jest.requireActual<(options: object) => Server>('kinesalite');
const stream = 'sluice-test-sale';
const event = {
  id: 177959171,
  kind: 'Sale',
  customerId: 25413,
  shopId: 1609,
  productId: 2499719,
  voucher: 85,
  amount: 2.75,
  parts: [{ sku: 'a', count: 49 }],
  marks: ['gift'],
};

const undeployed = defineEvent({
  name: 'undeployed',
  version: '1.0.0',
  key: 'id',
  schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
});

let kinesisServer: Server;
let gatewayServer: Server;
let api: RestApi;
let client: KinesisClient;
let endpoint: string;

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  kinesisServer = kinesalite({ createStreamMs: 0 });
  const kinesisEndpoint = await listen(kinesisServer);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new KinesisClient({
    endpoint: kinesisEndpoint,
    region: 'eu-west-1',
    credentials,
    requestHandler: new NodeHttpHandler(),
  });
  await client.send(new CreateStreamCommand({ StreamName: stream, ShardCount: 1 }));
  for (;;) {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamName: stream }),
    );
    if (StreamDescription?.StreamStatus === 'ACTIVE') break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  api = createRestApi({
    document: ingestApiDocument({
      eventTypes: [sale, undeployed],
      streamName: ({ name }) => (name === 'undeployed' ? 'sluice-test-undeployed' : stream),
      credentialsArn: 'arn:aws:iam::000000000000:role/gateway',
      region: 'eu-west-1',
    }),
    apiKeys: [{ value: 'key' }],
    stageName: 'test',
    kinesis: { endpoint: kinesisEndpoint, region: 'eu-west-1', credentials },
    reportError: (_, error) => {
      throw error as Error;
    },
  });
  gatewayServer = createServer(api.listener);
  endpoint = await listen(gatewayServer);
});

afterAll(async () => {
  api.close();
  client.destroy();
  gatewayServer.closeAllConnections();
  kinesisServer.closeAllConnections();
  await new Promise((resolve) => gatewayServer.close(resolve));
  await new Promise((resolve) => kinesisServer.close(resolve));
});

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${endpoint}${path}`, {
    method: 'POST',
    body,
    headers: { 'x-api-key': 'key', 'content-type': 'application/json', ...headers },
  });

const records = async () => {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName: stream,
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data, PartitionKey, SequenceNumber }) => ({
    text: Buffer.from(Data ?? []).toString('utf8'),
    key: PartitionKey,
    sequenceNumber: SequenceNumber,
  }));
};

test('a single event reaches the stream byte for byte, with a line feed after it', async () => {
  const body = JSON.stringify(event).replace('2.75', '1.10').replace('"Sale"', '"Päß \\"🎉"');
  const response = await post('/v1/events/sale', `  ${body}\n`);
  const answer = (await response.json()) as { sequenceNumber: string; shardId: string };
  expect(response.status).toBe(200);
  expect(answer.shardId).toBe('shardId-000000000000');
  const record = (await records()).find((r) => r.sequenceNumber === answer.sequenceNumber);
  expect(record).toEqual({
    text: `  ${body}\n\n`,
    key: '177959171',
    sequenceNumber: answer.sequenceNumber,
  });
});

test('a batch becomes one record for each event', async () => {
  const before = (await records()).length;
  const events = [event, { ...event, id: 2 }, { other: [1, { a: null }] }];
  const text = JSON.stringify({ events }, null, 2).replace(
    '"id": 2,',
    '"id": 12345678901234567890,',
  );
  const response = await post('/v1/events/sale/batch', text);
  expect(await response.json()).toEqual({ accepted: 3, failed: [] });
  expect(response.status).toBe(200);
  const [first, second, third] = (await records()).slice(before);
  expect(first).toMatchObject({ text: `${JSON.stringify(event)}\n`, key: '177959171' });
  expect(second!.text).toContain('"id":12345678901234567890,');
  expect(second!.key).toBe('12345678901234567890');
  expect(third!.text).toBe('{"other":[1,{"a":null}]}\n');
  expect(third!.key).toMatch(/^[0-9a-f]{8}-.*-2$/);
});

test.each([
  ['gzip without its header', {}, gzipSync(JSON.stringify(event))],
  ['a coding that is not known', { 'content-encoding': 'br' }, Buffer.from('x')],
])('%s is answered 415, which names Content-Encoding', async (_, headers, body) => {
  const response = await fetch(`${endpoint}/v1/events/sale`, {
    method: 'POST',
    body,
    headers: { 'x-api-key': 'key', 'content-type': 'application/json', ...headers },
  });
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({
    message: expect.stringContaining('Content-Encoding: gzip') as string,
  });
});

test.each([
  ['/v1/events/sale', '{"id":', 400, /not JSON/],
  ['/v1/events/sale', '{"id":"x"}', 400, /\/id: instance type \(string\)/],
  ['/v1/events/sale', '', 400, /empty/],
  ['/v1/events/sale/batch', '{"events":[]}', 400, /\/events: array is too short/],
  ['/v1/events/sale/batch', '{"events":[1]}', 400, /\/events\/0: instance type/],
  ['/v1/events/nope', '{}', 404, /no event type "nope"/],
  ['/v1/events/no"pe/batch', '{}', 404, /no event type "no"pe"/],
  ['/v2', '{}', 404, /no such path/],
])('POST %s %j answers %i', async (path, body, status, message) => {
  const response = await post(encodeURI(path), body);
  expect(response.status).toBe(status);
  const answer = (await response.json()) as { message: string };
  expect(answer.message).toMatch(message);
});

test('no API key is 403, a media type other than JSON 415', async () => {
  expect((await post('/v1/events/sale', '{}', { 'x-api-key': 'no' })).status).toBe(403);
  const xml = await post('/v1/events/sale', '{}', { 'content-type': 'text/xml' });
  expect(xml.status).toBe(415);
});

test('the event types are listed with their schemas, and the document serves itself', async () => {
  const headers = { 'x-api-key': 'key' };
  const list = (await (await fetch(`${endpoint}/v1/events`, { headers })).json()) as {
    eventTypes: { schema: unknown }[];
  };
  expect(list.eventTypes[0]!.schema).toEqual(JSON.parse(JSON.stringify(sale.schema)));
  const document = JSON.stringify(
    await (await fetch(`${endpoint}/v1/openapi.json`, { headers })).json(),
  );
  expect(document).toContain('#/components/schemas/Sale');
  expect(document).not.toContain('x-amazon');
  expect(document).not.toContain('arn:');
});

test('a browser may ask before it sends', async () => {
  const response = await fetch(`${endpoint}/v1/events/sale`, { method: 'OPTIONS' });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-headers')).toContain('x-api-key');
});

test.each([
  ['one event', '/v1/events/sale', { ...event, kind: 'a'.repeat(1_100_000) }],
  [
    'a batch',
    '/v1/events/sale/batch',
    { events: Array.from({ length: 9 }, () => ({ text: 'a'.repeat(900_000) })) },
  ],
])('%s larger than Kinesis takes is 413 in our words', async (_, path, body) => {
  const response = await post(path, JSON.stringify(body));
  expect([response.status, await response.json()]).toEqual([
    413,
    { message: expect.stringMatching(/^Too large for the stream/), requestId: expect.any(String) },
  ]);
});

test('a stream that is not there is a 500 that says nothing of it', async () => {
  const response = await post('/v1/events/undeployed', '{"id":"a"}');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/stream sluice|account|000000/i);
});

test('the client and the gateway agree', async () => {
  const before = (await records()).length;
  const client = createIngestClient({ endpoint, eventType: 'sale', apiKey: 'key' });
  for (let id = 0; id < 1500; id++) await client.send({ id });
  await client.close();
  expect(client.counters).toMatchObject({ accepted: 1500, rejected: 0, requests: 3 });
  const texts = (await records()).slice(before).map(({ text }) => text);
  expect(new Set(texts)).toEqual(
    new Set(Array.from({ length: 1500 }, (_, id) => `{"id":${id}}\n`)),
  );
});
