import type { ReplayReport } from '@sluice/lake-maintenance';
import { renderReplayReport } from './render-replay-report';

test('a dry run shows each reason with the body of its first record', () => {
  const report: ReplayReport = {
    table: 'reading',
    dryRun: true,
    objects: 1,
    skippedObjects: 0,
    sent: 0,
    left: 3,
    complete: true,
    groups: [
      {
        records: 1,
        verdict: 'still-failing',
        kind: 'processing-failed',
        errorCode: 'Lambda.ProcessingFailedStatus',
        reason: 'type at /sensor: a number is no string',
        example: { key: 'errors/a', line: 0, body: '{"sensor":1.10,  "note":"\\u001b[31m"}' },
      },
    ],
  };
  const text = renderReplayReport(report);
  expect(text).toContain('  body: {"sensor":1.10,');
  expect(text).toMatch(/^1 record still failing \(processing-failed, Lambda\.\w+\)$/m);
  expect(text).toMatch(/3\s+left/);
});
