import { backoffDelayMs } from './backoff';

const bounds = { firstDelayMs: 200, maxDelayMs: 5_000 };

test('the longest wait doubles with each failure, up to the bound of all', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 5_000].map((failures) => backoffDelayMs(failures, bounds, 1));
  expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test('a wait is random below its longest', () => {
  expect([0, 0.25, 0.5].map((random) => backoffDelayMs(3, bounds, random))).toEqual([0, 200, 400]);
});
