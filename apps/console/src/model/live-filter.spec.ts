import { liveFilter, newestThat } from './live-filter';

const body = JSON.stringify({
  sessionId: 17,
  user: { id: 'U-17', plan: null },
  paid: true,
  note: 'a=b',
});

test.each([
  ['', true],
  ['u-17', true],
  ['nothing', false],
  ['sessionId=17', true],
  ['sessionId = 17', true],
  ['sessionId=1', false],
  ['user.id=u-17', true],
  ['user.plan=null', true],
  ['paid=true', true],
  ['user.id.deeper=17', false],
  ['constructor=', false],
  ['note=a=b', true],
])('%p of the record: %p', (text, fits) => {
  expect(liveFilter(text)({ body })).toBe(fits);
});

test('a record that is no JSON has no fields, and is still found by its text', () => {
  const broken = { body: '{"id":17,' };
  expect([liveFilter('id=17')(broken), liveFilter('"id":17')(broken)]).toEqual([false, true]);
});

test('only as many records are looked at as are wanted', () => {
  const seen: number[] = [];
  const found = newestThat([1, 2, 3, 4, 5], (one) => seen.push(one) > 0 && one % 2 === 1, 2);
  expect([found, seen]).toEqual([
    [5, 3],
    [5, 4, 3],
  ]);
});
