import { NotApplicable, Unexpected, type Check } from './check';
import { junitXml, summary, type Report } from './report';
import { runChecks, UnknownCheckError } from './run-checks';
import type { Target } from './target';
import { VerifyRun } from './verify-run';

const run = new VerifyRun({} as Target, 'mark', 0);
const check = (
  id: string,
  needs: readonly string[] = [],
  outcome: string | Error = 'seen',
): Check => ({
  id,
  assumption: `${id} holds.`,
  expected: 'seen',
  needs,
  run: () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome)),
});

const checks = [
  check('a.one'),
  check('a.two', ['a.one'], new Unexpected('not <seen>\u0001')),
  check('b.three', ['a.two']),
  check('b.four', [], new NotApplicable('nothing there')),
  check('c.five', [], new TypeError('fetch failed')),
];

test('one that fails stops those that need it, and no other', async () => {
  const results = await runChecks(checks, run, { nowMs: () => 0 });
  expect(results.map(({ id, status, observed }) => [id, status, observed])).toEqual([
    ['a.one', 'passed', 'seen'],
    ['a.two', 'failed', 'not <seen>\u0001'],
    ['b.three', 'skipped', 'needs a.two, which did not pass'],
    ['b.four', 'skipped', 'nothing there'],
    ['c.five', 'failed', 'TypeError: fetch failed'],
  ]);
});

test.each([
  [['b.three'], ['a.one', 'a.two', 'b.three']],
  [['b'], ['a.one', 'a.two', 'b.three', 'b.four']],
  [['a.one'], ['a.one']],
])('only %j runs %j', async (only, ids) =>
  expect((await runChecks(checks, run, { only })).map(({ id }) => id)).toEqual(ids),
);

test('a name that no check has is refused with those that there are', async () =>
  expect(runChecks(checks, run, { only: ['z'] })).rejects.toThrow(UnknownCheckError));

test('the reports count, and JUnit gets valid XML', async () => {
  const report: Report = {
    target: 'a & b',
    startedAt: '2026-11-26T12:00:00.000Z',
    mark: 'm',
    checks: await runChecks(checks, run, { nowMs: () => 0 }),
    left: [],
    seconds: 1.5,
  };
  expect(summary(report)).toEqual({ passed: 1, failed: 2, skipped: 2, seconds: 1.5 });
  const xml = junitXml(report);
  expect(xml).toContain('<testsuite name="verify a &amp; b" tests="5" failures="2"');
  expect(xml).toContain('not &lt;seen&gt;\ufffd');
  expect(xml).not.toContain('\u0001');
});
