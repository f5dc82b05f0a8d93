import { shop } from '@sluice/event-schema/testing/shop';
import { analyticsApiDocument } from './openapi';
import { createTestApi, queries } from './testing/test-api';

const document = analyticsApiDocument({
  title: 'analytics',
  queries,
  joins: shop.joins,
  functionInvocationUri: 'arn:invoke',
});

it('has each route that the function answers, and no other', async () => {
  const { send } = createTestApi();
  const ofFunction = Object.entries(document.paths).filter(
    ([path]) => !['/', '/v1', '/v1/openapi.json'].includes(path),
  );
  for (const [path, operations] of ofFunction) {
    const [query, join] = ['top_customers', 'sale_customers'];
    const concrete = path.replace('{query}', query).replace('{join}', join).replace('{run}', 'r1');
    for (const method of ['get', 'post', 'put', 'delete']) {
      const answer = await send(method.toUpperCase(), concrete, { body: {} });
      expect([method, path, answer.status !== 405]).toEqual([method, path, method in operations]);
    }
    expect(operations).toHaveProperty('options');
  }
});

it('says which parameters each query takes, and which it needs', () => {
  const { schema } =
    document.paths['/v1/queries/{query}'].post.requestBody.content['application/json'];
  expect(schema.anyOf[0]).toMatchObject({
    title: 'sales_of_customer',
    required: ['id', 'from', 'to'],
    properties: { from: { type: 'string', format: 'date' } },
  });
  expect(schema.anyOf[1]).toMatchObject({ title: 'top_customers', required: ['from', 'to'] });
});

it('has no list of types, which OpenAPI 3.0 does not know', () => {
  expect(JSON.stringify(document)).not.toMatch(/"type":\[/);
});
