// Two rooms know which changes of a column an open table can follow: the comparison of definitions, and the table's own schema.
import { columnWidening } from '@sluice/event-schema/compatibility';
import { evolveSchema } from '@sluice/iceberg-metadata';
import type { ColumnType, ScalarType } from '@sluice/values';

const scalars: readonly ScalarType[] = [
  { kind: 'string' },
  { kind: 'bigint' },
  { kind: 'double' },
  { kind: 'boolean' },
  { kind: 'date' },
  { kind: 'timestamp', digits: 0 },
  { kind: 'timestamp', digits: 3 },
  { kind: 'timestamp', digits: 6 },
  { kind: 'decimal', precision: 9, scale: 2 },
  { kind: 'decimal', precision: 12, scale: 2 },
  { kind: 'decimal', precision: 12, scale: 4 },
  { kind: 'decimal', precision: 38, scale: 2 },
];
const types: readonly ColumnType[] = [
  ...scalars,
  ...scalars.map((items): ColumnType => ({ kind: 'array', items })),
];
const pairs = types.flatMap((before) => types.map((after) => [before, after] as const));

const follows = (before: ColumnType, after: ColumnType): boolean => {
  const { schema, lastColumnId } = evolveSchema('t', [{ name: 'c', type: before }]);
  try {
    evolveSchema('t', [{ name: 'c', type: after }], { schema, lastColumnId, lastSchemaId: 0 });
    return true;
  } catch {
    return false;
  }
};

test('the open table follows each change that the comparison of definitions calls the same or promoted', () => {
  const refused = pairs.filter(
    ([before, after]) =>
      ['same', 'promoted'].includes(columnWidening(before, after)) && !follows(before, after),
  );
  expect(refused).toEqual([]);
});

test('the open table follows none that the comparison calls wider', () => {
  const wider = pairs.filter(([before, after]) => columnWidening(before, after) === 'wider');
  expect(wider.length).toBeGreaterThan(0);
  expect(wider.filter(([before, after]) => follows(before, after))).toEqual([]);
});
