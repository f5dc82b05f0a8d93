import { fakeGateway } from './fake-gateway';
import { createIngestClient } from './ingest-client';
import type { Outcome } from './outcome';
import { eventCheck, publishedEventCheck } from './published-schema';

// As the gateway's OpenAPI document has it: nullable values as `anyOf`, formats as patterns.
const document = {
  paths: {
    '/v1/events/order': {
      post: {
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
        },
      },
    },
    '/v1/events/bare': {
      post: { requestBody: { content: { 'application/json': { schema: {} } } } },
    },
  },
  components: {
    schemas: {
      Order: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string', pattern: '^[a-z]+$' },
          'a/b': { anyOf: [{ type: 'integer' }, { enum: [null] }] },
          lines: { type: 'array', items: { type: 'object', required: ['sku'] } },
        },
      },
    },
  },
};

const asked: { url: string; key: string | null }[] = [];
const publishing =
  (status = 200): typeof fetch =>
  (url, init) => {
    asked.push({ url: url as string, key: new Headers(init?.headers).get('x-api-key') });
    return Promise.resolve(new Response(JSON.stringify(document), { status }));
  };
const options = { endpoint: 'http://gateway', eventType: 'order', apiKey: 'k' };

test.each<[string, string, string]>([
  ['{"id":"a","a/b":null,"more":1}', '', ''],
  ['{"id":7}', 'type', '/id'],
  ['{"id":"SECRET"}', 'pattern', '/id'],
  ['{}', 'required', '/id'],
  ['{"id":"a","a/b":"SECRET"}', 'anyOf', '/a~1b'],
  ['{"id":"a","lines":[{"sku":1},{}]}', 'required', '/lines/1/sku'],
  ['{"id":', 'malformed-json', ''],
  ['[]', 'not-an-object', ''],
])('%s is checked by the published schema: %s at %s', async (json, code, pointer) => {
  const check = await publishedEventCheck({ ...options, fetch: publishing() });
  const fault = check?.(json);
  expect([fault?.code ?? '', fault?.pointer ?? '']).toEqual([code, pointer]);
  expect(JSON.stringify([fault])).not.toContain('SECRET');
});

test('the schema is asked for once, with the key', async () => {
  asked.length = 0;
  await publishedEventCheck({ ...options, fetch: publishing() });
  expect(asked).toEqual([{ url: 'http://gateway/v1/openapi.json', key: 'k' }]);
});

test('a document without models gives no check; a wrong key or name is a sentence', async () => {
  const bare = { ...options, eventType: 'bare', fetch: publishing() };
  expect(await publishedEventCheck(bare)).toBeUndefined();
  await expect(publishedEventCheck({ ...options, fetch: publishing(403) })).rejects.toThrow('403');
  await expect(
    publishedEventCheck({ ...options, eventType: 'nothing', fetch: publishing() }),
  ).rejects.toThrow('no event type "nothing"');
});

test('an event that does not conform is rejected before it is sent, and its neighbours go through', async () => {
  const gateway = fakeGateway();
  const outcomes: [string, Outcome][] = [];
  const client = createIngestClient({
    ...options,
    fetch: gateway.fetch,
    check: eventCheck(document.components.schemas.Order),
    onOutcome: (text, outcome) => outcomes.push([text, outcome]),
  });
  for (const id of ['a', 7, 'b']) await client.send({ id });
  const refused = await client.deliver({});
  await client.close();
  expect(gateway.stored).toEqual(['{"id":"a"}', '{"id":"b"}']);
  expect(outcomes[0]).toEqual([
    '{"id":7}',
    {
      status: 'rejected',
      rejection: {
        code: 'invalid',
        message: 'type at /id: it must be string',
        pointer: '/id',
        httpStatus: undefined,
      },
    },
  ]);
  expect(refused).toMatchObject({ status: 'rejected', rejection: { pointer: '/id' } });
  expect(client.counters).toMatchObject({ queued: 4, accepted: 2, rejected: 2, pending: 0 });
});
