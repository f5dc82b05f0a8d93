import { apiKeyFinder, UsagePlan } from './usage-plan';

test('a usage plan lets a burst through and then so many a second, for each key by itself', () => {
  let nowMs = 0;
  const plan = new UsagePlan({ requestsPerSecond: 2, burst: 3 }, () => nowMs);
  const admitted = (key: string, requests: number): number =>
    Array.from({ length: requests }, () => plan.admit(key)).filter(Boolean).length;
  expect(admitted('a', 10)).toBe(3);
  expect(admitted('b', 10)).toBe(3);
  nowMs = 499;
  expect(admitted('a', 10)).toBe(0);
  nowMs = 1000;
  expect(admitted('a', 10)).toBe(2);
  nowMs = 60_000;
  expect(admitted('a', 10)).toBe(3);
});

test('only known keys are found, each with its id', () => {
  const find = apiKeyFinder([{ id: 'first', value: 'one' }, { value: 'two' }]);
  expect(['one', 'two', 'three', '', 'on'].map((value) => find(value))).toEqual([
    { id: 'first', value: 'one' },
    { value: 'two' },
    ...[undefined, undefined, undefined],
  ]);
  expect(apiKeyFinder([])('')).toBeUndefined();
});
