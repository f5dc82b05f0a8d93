import { scrollTo, visibleRows } from './window';

const view = { rowHeight: 26, viewHeight: 520 };

test('of a million rows some dozens are drawn, and the end of the bar is the last row', () => {
  const rowCount = 1_000_000;
  const top = visibleRows({ ...view, rowCount, scrollTop: 0 });
  expect(top).toMatchObject({ first: 0, offset: 0, height: 8_000_000 });
  expect(top.end).toBeLessThan(50);
  const bottom = visibleRows({ ...view, rowCount, scrollTop: 8_000_000 - 520 });
  expect(bottom.end).toBe(rowCount);
  expect(bottom.end - bottom.first).toBeLessThan(50);
});

test('a short list is scrolled pixel by pixel', () => {
  expect(visibleRows({ ...view, rowCount: 100, scrollTop: 261 })).toMatchObject({
    first: 4,
    offset: 104,
    height: 2_600,
  });
});

test.each([10, 100, 1_000_000])('each row of %i can be scrolled into view', (rowCount) => {
  for (const row of [0, 1, Math.floor(rowCount / 3), rowCount - 1]) {
    const scrollTop = scrollTo(row, { ...view, rowCount, scrollTop: 0 }) ?? 0;
    const { first, end } = visibleRows({ ...view, rowCount, scrollTop });
    expect([row, first <= row && row < end]).toEqual([row, true]);
  }
});
