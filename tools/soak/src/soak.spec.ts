// The soak in short: the built local stack as a process, faults at each boundary, kills at random moments.
import { runSoak } from './soak';

jest.setTimeout(300_000);

test('an acknowledged event is one row or one failed record, whatever fails and dies meanwhile', async () => {
  const report = await runSoak({
    seconds: 6,
    kills: 2,
    seed: 4,
    faultShares: { s3: 0.2, kinesis: 0.05, function: 0.4 },
  });
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ kills: 2, acknowledged: report.rows + report.failed });
  expect(report.rows).toBeGreaterThan(0);
  expect(report.failed).toBeGreaterThan(0);
  const boundaries = new Set(Object.keys(report.faults).map((kind) => kind.split(' ')[0]));
  expect([...boundaries]).toEqual(
    expect.arrayContaining(['clock', 'function', 'kinesis', 'midnight', 's3']),
  );
});
