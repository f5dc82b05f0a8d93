import { longestTaskOf } from './page-tasks';

const main = { name: 'thread_name', ph: 'M', pid: 1, tid: 2, args: { name: 'CrRendererMain' } };
const task = (dur: number, tdur: number, tid = 2) => ({
  ...{ name: 'RunTask', ph: 'X', pid: 1, tid },
  ...{ dur, tdur },
});

test('the longest task is told by the clock and by the processor, which may be those of two', () => {
  const events = [main, task(120_400, 3_000), task(61_000, 60_600), task(900_000, 900_000, 3)];
  expect(longestTaskOf(events)).toEqual({ ms: 120, ownMs: 61 });
});

test('a trace without tasks of a page is no measurement', () => {
  expect(() => longestTaskOf([main, task(1, 1, 3)])).toThrow('no task of a page');
});
