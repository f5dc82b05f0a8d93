import { junitXml, summary, type Report } from './report';

test('the reports count, and JUnit gets valid XML', () => {
  const result = { assumption: 'It holds.', expected: 'seen', seconds: 0 };
  const report: Report = {
    target: 'a & b',
    startedAt: '2026-11-26T12:00:00.000Z',
    mark: 'm',
    checks: [
      { ...result, id: 'a.one', status: 'passed', observed: 'seen' },
      { ...result, id: 'a.two', status: 'failed', observed: 'not <seen>\u0001' },
      { ...result, id: 'b.three', status: 'skipped', observed: 'needs a.two' },
    ],
    left: [],
    seconds: 1.5,
  };
  expect(summary(report)).toEqual({ passed: 1, failed: 1, skipped: 1, seconds: 1.5 });
  const xml = junitXml(report);
  expect(xml).toContain('<testsuite name="verify a &amp; b" tests="3" failures="1"');
  expect(xml).toContain('not &lt;seen&gt;\ufffd');
  expect(xml).not.toContain('\u0001');
});
