import { pricesByRegion } from '@sluice/cost-model';
import { erasureReport, estimateErasure, type ErasureWorkload } from './erasure';

const prices = pricesByRegion.get('us-east-1')!;
const large: ErasureWorkload = {
  ...{ storedBytes: 10e12, days: 400, daysHeld: 400, filesHeld: 1, indexes: 0, foundBy: 'key' },
};
const of = (change: Partial<ErasureWorkload> = {}) =>
  estimateErasure({ ...large, ...change }, prices);

test('a person in 10 TB who is found by the key costs less than US$ 5, also with many rows on every day', () => {
  expect(of().total).toBeLessThan(1);
  expect(of({ filesHeld: 20 }).total).toBeLessThan(5);
  expect(of({ daysHeld: 0 }).total).toBeLessThan(0.1);
});

test('with an index it is less than US$ 5 for a person of every day too, of which the indexes are read and no other rows', () => {
  const month = of({ foundBy: 'index', daysHeld: 30 });
  expect(month.searchedBytes).toBeLessThan(30 * 25e9 * 0.11);
  for (const filesHeld of [1, 5, 20])
    expect(of({ foundBy: 'index', filesHeld }).total).toBeLessThan(5);
  expect(of({ indexes: 2 }).total).toBeLessThan(5);
  expect(of({ indexes: 1 })).toEqual(of({ foundBy: 'index' }));
  expect(erasureReport({ ...large, indexes: 1 }, 'us-east-1', month)).toContain(
    'indexes and filters of the days',
  );
});

test('days that are small enough for filters are read once for these, and once for the places of values', () => {
  const small = { storedBytes: 400 * 400e6 };
  const { searchedBytes } = of({ ...small, foundBy: 'index' });
  expect(searchedBytes).toBeGreaterThan(2 * small.storedBytes);
  expect(of({ ...small, foundBy: 'index' }).total).toBeLessThan(5);
});

test('it is in proportion to the files that hold the person, not to the lake', () => {
  const one = of({ daysHeld: 1 });
  const ten = of({ daysHeld: 10 });
  expect(ten.rewrittenBytes).toBeCloseTo(10 * one.rewrittenBytes);
  expect(of({ daysHeld: 10, storedBytes: 100e12 }).total).toBeCloseTo(ten.total);
  expect(of({ daysHeld: 500 })).toEqual(of());
  // A day of 6 files has no more of them to be written anew.
  const storedBytes = 400 * 6 * 100 * 44 * 2 ** 10;
  expect(of({ storedBytes, filesHeld: 100 }).rewrittenBytes).toBeCloseTo(storedBytes);
  expect(of({ storedBytes: 0 }).total).toBeLessThan(0.1);
});

test('without key or index every file is read, which costs more than that, and is said with what to do', () => {
  const scan = of({ foundBy: 'scan', daysHeld: 1 });
  expect(scan.searchedBytes).toBe(10e12);
  expect(scan.total).toBeGreaterThan(5);
  const workload = { ...large, foundBy: 'scan' as const };
  expect(erasureReport(workload, 'us-east-1', scan)).toMatch(/10 TB searched[^]*An index/);
  expect(erasureReport(large, 'us-east-1', of())).not.toContain('An index');
});
