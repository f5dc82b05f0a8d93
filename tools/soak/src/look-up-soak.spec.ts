// Look-ups beside ingest and compaction, in short: `npm run soak -- --lookups` does it for as long as you like.
import { runLookUpSoak } from './look-up-soak';

jest.setTimeout(120_000);

test('every look-up gives every delivered event once, while it is compacted and sealed', async () => {
  const report = await runLookUpSoak({ seconds: 2, seed: 2, watchers: 2 });
  expect(report.problems).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(0);
  expect(report.ids).toBeGreaterThan(report.lookUps);
  // Two beside ingest, and the one that seals.
  expect(report.compactions).toBeGreaterThan(2);
});
