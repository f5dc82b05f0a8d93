import { fittingType } from './fitting-type';

const type = (name: string, ...paths: readonly string[]) => ({
  name,
  columns: [...paths.map((path) => ({ path, isSystem: false })), { path: '', isSystem: true }].map(
    (column) => ({
      ...column,
      name: column.path,
      type: 'string',
      isRequired: false,
      isNullable: false,
    }),
  ),
});

test('the event type that has nearly all fields of a file is proposed for it', () => {
  const types = [type('order', 'id', 'price'), type('delivery', 'id', 'price', 'city', 'at', 'to')];
  expect(fittingType(['id', 'price', 'city', 'at', 'by'], types)?.name).toBe('delivery');
  expect(fittingType(['id', 'price'], types)?.name).toBe('order');
  expect(fittingType(['id', 'name'], types)).toBeUndefined();
  expect(fittingType([], types)).toBeUndefined();
});
