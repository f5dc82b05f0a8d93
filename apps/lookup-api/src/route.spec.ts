import { matchRoute } from './route';

it.each([
  ['/v1/events/orders', { eventType: 'orders', action: 'rows' }],
  ['/v1/events/orders/', { eventType: 'orders', action: 'rows' }],
  ['/base/v1/events/orders/lookup', { eventType: 'orders', action: 'lookup' }],
  ['/v1/events/a%20b', { eventType: 'a b', action: 'rows' }],
] as const)('%s', (path, route) => expect(matchRoute(path)).toEqual(route));
