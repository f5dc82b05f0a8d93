// Erasures under fire, in short: `npm run soak -- --erasures 100 --rows 4000000` does it as large as you like.
import { runErasureSoak } from './erasure-soak';

jest.setTimeout(120_000);

test('nothing is left of people who are erased, every other row stays, and no look-up is wrong meanwhile', async () => {
  const report = await runErasureSoak({ rows: 400, erasures: 2, kills: 2, seed: 3 });
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ erasures: 2, kills: 2 });
  expect(report.left).toBeLessThan(report.written);
  expect(report.lookUps).toBeGreaterThan(0);
  expect(report.queries).toBeGreaterThan(0);
  // Once when the day was sealed, and again without those who were erased.
  expect(report.joins).toBeGreaterThan(1);
  expect(report.streamed).toBeGreaterThan(0);
});
