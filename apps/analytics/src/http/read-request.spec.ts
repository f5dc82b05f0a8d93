import { createTestApi } from '../testing/test-api';
import { matchRoute } from './read-request';

it.each([
  ['/v1/queries', { at: 'queries' }],
  ['/dev/v1/queries/', { at: 'queries' }],
  ['/v1/queries/top_customers', { at: 'query', query: 'top_customers' }],
  ['/v1/queries/a%2Fb', { at: 'query', query: 'a/b' }],
  ['/v1/jobs', { at: 'jobs' }],
  ['/v1/jobs/j/runs', { at: 'runs', join: 'j' }],
  ['/dev/v1/jobs/j/runs/r/', { at: 'run', join: 'j', id: 'r' }],
] as const)('%s', (path, route) => expect(matchRoute(path)).toEqual(route));

it.each([
  ['GET', '/v1/jobs/j', 404],
  ['GET', '/v1/queries/a/b', 404],
  ['GET', '/v1/jobs/j/runs/r/more', 404],
  ['GET', '/v1/other', 404],
  ['GET', '/v1/queries/%E0', 400],
  ['PUT', '/v1/queries/top_customers', 405],
  ['POST', '/v1/queries', 405],
  ['DELETE', '/v1/jobs', 405],
  ['PUT', '/v1/jobs/sale_customers/runs', 405],
] as const)('%s %s is answered with %d', async (method, path, status) => {
  const { send } = createTestApi();
  const answer = await send(method, path);
  expect(answer.status).toBe(status);
  expect(JSON.parse(String(answer.body))).toHaveProperty('message');
});
