import { batchesOf, checkedTexts, typeNameOf } from './event-file';

test.each([
  ['orders.ndjson', 'orders'],
  ['My Orders-2.json', 'my_orders_2'],
  ['2026 data.jsonl', 'data'],
  ['東京.json', 'event'],
])('the events of %s are called %s', (file, name) => {
  expect(typeNameOf(file)).toBe(name);
});

test('a batch has 500 events at most, and no more than the gateway takes', () => {
  expect(batchesOf(Array.from({ length: 1_001 }, () => '{}')).map(({ length }) => length)).toEqual([
    500, 500, 1,
  ]);
  expect(batchesOf(['x'.repeat(600_000), 'y'.repeat(600_000)])).toHaveLength(2);
  expect(batchesOf([])).toEqual([]);
});

test('texts that are no JSON are left out, and named by their place', () => {
  expect(checkedTexts(['{"a":1}', '{"a":', '{"a":2}', 'x'])).toEqual({
    texts: ['{"a":1}', '{"a":2}'],
    broken: [2, 4],
  });
});
