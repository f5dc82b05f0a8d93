import { observedBytes } from './observed-bytes';

test('the size of an event is that of those that arrived, or is guessed from many rows', () => {
  const tables = [
    { rows: 400, bytes: 40_000 },
    { rows: 600, bytes: 80_000 },
  ];
  expect(observedBytes(tables, [{ bytes: 300 }, { bytes: 501 }])).toEqual({
    bytes: 401,
    source: 'arrived',
  });
  expect(observedBytes(tables, [])).toEqual({ bytes: 600, source: 'stored' });
  expect(observedBytes(tables.slice(0, 1), [])).toBeUndefined();
  expect(observedBytes([], [{ bytes: 0 }])).toEqual({ bytes: 1, source: 'arrived' });
});
