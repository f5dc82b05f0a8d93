// What each API says of itself, as API Gateway would serve it.
import { analyticsApiDocument } from '@sluice/analytics';
import { shop } from '@sluice/event-schema/testing/shop';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import { lookupApiDocument } from '@sluice/lookup-api/openapi';
import { restApisUnderTest } from './rest-api-under-test';

const { serve } = restApisUnderTest();

const functionInvocationUri =
  'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:000000000000:function:f/invocations';

const documents = {
  ingest: ingestApiDocument({
    eventTypes: shop.eventTypes,
    streamName: ({ name }) => name,
    credentialsArn: 'arn:aws:iam::000000000000:role/r',
    region: 'eu-west-1',
  }),
  lookup: lookupApiDocument({
    title: 'Sluice look-up',
    eventTypes: shop.eventTypes,
    functionInvocationUri,
  }),
  analytics: analyticsApiDocument({
    title: 'Sluice analytics',
    queries: shop.queries,
    joins: shop.joins,
    functionInvocationUri,
  }),
};

interface Index {
  readonly document: string;
  readonly operations: readonly string[];
}

const get = async <T>(url: string): Promise<T> => {
  const response = await fetch(url, { headers: { 'x-api-key': 'right' } });
  expect([url, response.status]).toEqual([url, 200]);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return (await response.json()) as T;
};

describe.each(Object.entries(documents))('the %s API', (_name, document) => {
  test.each(['/', '/v1'])('says at %s what can be called', async (path) => {
    const url = await serve({ document });
    const index = await get<Index>(`${url}${path}`);
    expect(index.operations.length).toBeGreaterThan(1);
    const { paths } = await get<{ paths: object }>(`${url}${index.document}`);
    for (const operation of index.operations)
      expect(Object.keys(paths)).toContain(/^[A-Z]+ ([^ :]+)/.exec(operation)?.[1]);
  });

  test('serves its document without how it is served', async () => {
    const url = await serve({ document });
    const text = JSON.stringify(await get(`${url}/v1/openapi.json`));
    expect(text).toContain('"openapi":"3.0.1"');
    expect(text).not.toMatch(/x-amazon|arn:/);
  });

  test('documents the answers that it gives itself, also to a body that no template reads', async () => {
    const url = await serve({ document });
    const { paths } = await get<{
      paths: Record<string, Record<string, { responses: object }>>;
    }>(`${url}/v1/openapi.json`);
    for (const [path, method] of [
      ['/v1/openapi.json', 'OPTIONS'],
      ['/v1/openapi.json', 'GET'],
    ] as const) {
      const headers = { 'x-api-key': 'right', 'content-type': 'multipart/form-data' };
      expect((await fetch(`${url}${path}`, { method, headers })).status).toBe(415);
    }
    for (const [path, operations] of Object.entries(paths))
      for (const [method, { responses }] of Object.entries(operations)) {
        const has = [path, method, Object.keys(responses)] as const;
        if (method === 'options') expect(has[2]).toContain('415');
        else expect(has).toEqual([path, method, expect.arrayContaining(['403', '429'])]);
      }
  });

  test('tells nothing without a key', async () => {
    const url = await serve({ document });
    for (const path of ['/', '/v1/openapi.json'])
      expect((await fetch(`${url}${path}`)).status).toBe(403);
  });
});

test('the look-up API lists its event types, each with how its rows are asked for', async () => {
  const url = await serve({ document: documents.lookup });
  const { eventTypes } = await get<{ eventTypes: object[] }>(`${url}/v1/events`);
  expect(eventTypes).toContainEqual(
    expect.objectContaining({
      name: 'sale',
      key: 'id',
      get: '/v1/events/sale?id={id}',
    }),
  );
});
