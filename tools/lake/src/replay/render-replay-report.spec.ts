import type { ReplayReport } from '@sluice/failed-records/replay';
import { outcomeText, renderReplayReport } from './render-replay-report';

const report: ReplayReport = {
  table: 'reading',
  dryRun: true,
  objects: 1,
  skippedObjects: 0,
  sent: 2,
  left: 3,
  complete: true,
  groups: [
    {
      kind: 'processing-failed',
      errorCode: 'Lambda.ProcessingFailedStatus',
      verdict: 'still-failing',
      reason: 'type at /sensor: a number where the schema wants a string',
      records: 1,
      example: {
        key: 'reading/errors/processing-failed/dt=2026-11-20/a',
        line: 0,
        body: '{"sensor":1.10}',
      },
    },
  ],
};

test('a report says of each reason how many, which first, and its body as it stands', () => {
  const text = renderReplayReport(report);
  expect(text).toMatch(/^1 record still failing \(processing-failed, Lambda\.\w+\)$/m);
  expect(text).toContain('  first: line 1 of\n    reading/errors/');
  expect(text).toContain('  body: {"sensor":1.10}');
  expect(text).toMatch(/2\s+records\s+would\s+be\s+sent,\s+3\s+left/);
  expect(text).toContain('Nothing was sent');
});

test('no line of text is wider than a terminal, and a real run says what it did', () => {
  const text = renderReplayReport({ ...report, dryRun: false });
  expect(text).toMatch(/2\s+records\s+sent/);
  expect(text).not.toContain('Nothing was sent');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test.each([
  [true, 'None would be sent'],
  [false, 'None was sent'],
])('a replay that sends nothing says what to do (dry run: %s)', (dryRun, said) => {
  const text = renderReplayReport({ ...report, dryRun, sent: 0 }).replace(/\s+/g, ' ');
  expect(text).toContain(`${said}. Loosen the schema, or fix the events`);
});

test.each([
  [1, 'reading: the one object of failed records was replayed before; nothing is left.'],
  [2, 'reading: all 2 objects of failed records were replayed before; nothing is left.'],
])('where %j objects were all replayed before, it says so', (objects, expected) => {
  const done = { ...report, objects, skippedObjects: objects, groups: [], sent: 0, left: 0 };
  expect(renderReplayReport(done).replace(/\s+/g, ' ')).toBe(expected);
});

test.each([
  [0, 'No event of reading has failed: there is nothing to replay.'],
  [
    2,
    'No event of reading has failed that was not replayed before (2 objects were): there is nothing to replay.',
  ],
])('no failed record, and %j objects that were replayed', (skippedObjects, expected) => {
  const none = { ...report, objects: 0, groups: [], sent: 0, left: 0, skippedObjects };
  expect(renderReplayReport(none).replace(/\s+/g, ' ')).toBe(expected);
});

test.each([
  [1, { rows: 1, failed: 0 }, '1 record sent: 1 row.'],
  [
    1_200,
    { rows: 0, failed: 1_100 },
    '1,200 records sent: 0 rows, 1,100 failed again, 100 on their way still.',
  ],
])('what became of %j records that were sent is told', (sent, outcome, expected) => {
  expect(outcomeText(sent, outcome)).toBe(expected);
});
