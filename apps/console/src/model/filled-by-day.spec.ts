import { filledByDay, filledByDayQuery, wholePercent } from './filled-by-day';

test('the query counts rows and values of each day', () => {
  expect(filledByDayQuery('order', ['id', 'note'], '2026-02-16')).toBe(
    [
      'select dt, count(*) as "rows", count("id") as "id", count("note") as "note"',
      'from "order"',
      "where dt >= '2026-02-16'",
      'group by dt order by dt desc',
    ].join('\n'),
  );
});

test('its rows are read by day and column', () => {
  const [day] = filledByDay(['id', 'note'], [['2026-11-27', '10', '10', '4']]);
  expect(day).toEqual({
    day: '2026-11-27',
    rows: 10,
    filled: new Map([
      ['id', 10],
      ['note', 4],
    ]),
  });
});

test.each([
  [0, 1_000, 0],
  [1, 1_000, 1],
  [500, 1_000, 50],
  [999, 1_000, 99],
  [1_000, 1_000, 100],
])('%d of %d rows are %d percent', (part, whole, percent) => {
  expect(wholePercent(part, whole)).toBe(percent);
});
