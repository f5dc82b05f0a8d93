import { weeksOf } from './calendar';

test('weeks begin on Monday, and days beyond the range are left out', () => {
  const weeks = weeksOf('2026-11-25', '2026-12-01');
  expect(weeks.map(({ days }) => days)).toEqual([
    [undefined, undefined, '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29'],
    ['2026-11-30', '2026-12-01', undefined, undefined, undefined, undefined, undefined],
  ]);
});
