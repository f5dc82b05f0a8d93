import { ResultRows, type Cells } from './result-rows';

const row = (index: number): Cells => [
  index % 7 === 0 ? null : `row ${index}`,
  index % 5 === 0 ? '' : '🦊'.repeat(index % 4),
];

test('each cell is what was appended, over blocks, in parts of any size', () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => row(index));
  const result = new ResultRows(2);
  for (let at = 0, size = 1; at < rows.length; at += size, size = (size * 3) % 1_999)
    result.append(rows.slice(at, at + size));
  expect(result.rowCount).toBe(rows.length);
  expect(rows.map((_, index) => [result.cell(index, 0), result.cell(index, 1)])).toEqual(rows);
});

test('places outside of the result are NULL', () => {
  const result = new ResultRows(1);
  expect(result.cell(0, 0)).toBeNull();
  result.append([['a']]);
  expect([result.cell(0, 0), result.cell(0, 1), result.cell(1, 0), result.rowCount]).toEqual([
    'a',
    null,
    null,
    1,
  ]);
});
