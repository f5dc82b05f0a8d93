import { pageUrl, routeOf, unknownName, withParameter } from './address';

const tables = [{ table: 'product_event', eventType: 'product-event' }];
const parameters = (hash: string) => routeOf(hash).query;

test.each([
  ['', 'flow', ''],
  ['#/', 'flow', ''],
  ['#/days?table=order', 'days', 'table=order'],
  ['#/no/such?x=1', 'no/such', 'x=1'],
])('the address %j names the page %s', (hash, page, query) => {
  const route = routeOf(hash);
  expect([route.page, route.query.toString()]).toEqual([page, query]);
});

test('an address is made of the parameters that have a value', () => {
  expect(pageUrl('days')).toBe('#/days');
  expect(pageUrl('days', { table: 'a b', day: undefined, x: '' })).toBe('#/days?table=a+b');
});

test('one parameter is changed or removed, and the others stay', () => {
  expect(withParameter('#/days?table=order', 'day', '2026-11-20')).toBe(
    '#/days?table=order&day=2026-11-20',
  );
  expect(withParameter('#/days?table=order&day=x', 'day', '')).toBe('#/days?table=order');
});

test('a table or an event type that does not exist is told', () => {
  expect(unknownName(parameters('#/days?table=orders'), tables)).toBe(
    'The address names the table “orders”, which does not exist.',
  );
  expect(unknownName(parameters('#/event-types?name=product_event'), tables)).toBe(
    'The address names the event type “product_event”, which does not exist.',
  );
  for (const known of ['#/days', '#/days?table=product_event', '#/event-types?name=product-event'])
    expect(unknownName(parameters(known), tables)).toBeUndefined();
});
