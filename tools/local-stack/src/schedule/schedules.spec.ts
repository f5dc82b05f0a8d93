import { readSchedule } from './schedules';

const schedule = (expression: string) => ({
  stackName: 'upkeep',
  logicalId: 'Nightly',
  type: 'AWS::Scheduler::Schedule',
  ref: 'nightly',
  arn: 'arn:schedule',
  properties: {
    ScheduleExpression: expression,
    Target: { Arn: 'arn:function', Input: '{"table":"order"}' },
  },
});

test.each([
  ['rate(1 minute)', 60_000],
  ['rate(5 minutes)', 300_000],
  ['rate(2 hours)', 7_200_000],
  ['rate(1 day)', 86_400_000],
])('readSchedule understands %s', (expression, everyMs) => {
  expect(readSchedule(schedule(expression))).toEqual({
    name: 'nightly',
    targetArn: 'arn:function',
    payload: { table: 'order' },
    everyMs,
  });
});

test.each(['cron(0 2 * * ? *)', 'rate(0 minutes)', 'at(2026-01-01T00:00:00)'])(
  'readSchedule refuses %s',
  (expression) => {
    expect(() => readSchedule(schedule(expression))).toThrow(/nightly has the expression/);
  },
);
