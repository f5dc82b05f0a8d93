import { readSchedule, startSchedules } from './schedules';

const schedule = (expression: string, more: object = {}) => ({
  stackName: 'upkeep',
  logicalId: 'Nightly',
  type: 'AWS::Scheduler::Schedule',
  ref: 'nightly',
  arn: 'arn:schedule',
  properties: {
    ScheduleExpression: expression,
    Target: {
      Arn: 'arn:function',
      Input: '{"table":"order","time":"<aws.scheduler.scheduled-time>"}',
    },
    ...more,
  },
});

const time = (text: string): number => Date.parse(`${text}Z`);

test.each([
  ['rate(1 minute)', '2026-01-31T00:00', '2026-01-31T00:01'],
  ['rate(5 minutes)', '2026-01-31T00:00', '2026-01-31T00:05'],
  ['rate(2 hours)', '2026-01-31T00:00', '2026-01-31T02:00'],
  ['rate(1 day)', '2026-01-31T00:00', '2026-02-01T00:00'],
  ['cron(0 2 * * ? *)', '2026-01-31T01:59:30', '2026-01-31T02:00'],
  ['cron(0 2 * * ? *)', '2026-01-31T02:00', '2026-02-01T02:00'],
  ['cron(0/15 * * * ? *)', '2026-01-31T23:46', '2026-02-01T00:00'],
  ['cron(5,10 8-9 ? * MON-FRI *)', '2026-01-31T09:11', '2026-02-02T08:05'],
  ['cron(0 0 29 FEB ? *)', '2026-01-01T00:00', '2028-02-29T00:00'],
  ['cron(30 4 1 */6 ? *)', '2026-01-01T04:30', '2026-07-01T04:30'],
  ['cron(0 0 ? * 1 2027)', '2026-01-01T00:00', '2027-01-03T00:00'],
])('%s after %s is at %s', (expression, after, next) => {
  expect(readSchedule(schedule(expression)).next(time(after))).toBe(time(next));
});

test('a year that is over has no next time', () => {
  expect(
    readSchedule(schedule('cron(0 0 1 1 ? 2020)')).next(time('2026-01-01T00:00')),
  ).toBeUndefined();
});

test('the payload is told the time it was due', () => {
  const { targetArn, payload } = readSchedule(schedule('rate(1 day)'));
  expect(targetArn).toBe('arn:function');
  expect(payload(time('2026-01-02T03:04:05'))).toEqual({
    table: 'order',
    time: '2026-01-02T03:04:05Z',
  });
});

test.each([
  ['rate(0 minutes)', /known are/],
  ['at(2026-01-01T00:00:00)', /known are/],
  ['cron(0 2 * * *)', /5 fields and not 6/],
  ['cron(60 2 * * ? *)', /"60" for minutes, and known are 0 to 59/],
  ['cron(0 2 L * ? *)', /"L" for day of month/],
  ['cron(0 2 ? * 6#3 *)', /"6#3" for day of week/],
  ['cron(0 5-2 * * ? *)', /gives no times/],
  ['cron(0/0 * * * ? *)', /gives no times/],
])('readSchedule refuses %s', (expression, why) => {
  expect(() => readSchedule(schedule(expression))).toThrow(/nightly has the expression/);
  expect(() => readSchedule(schedule(expression))).toThrow(why);
});

test('readSchedule refuses a time zone of its own', () => {
  const properties = { ScheduleExpressionTimezone: 'Europe/Sarajevo' };
  expect(() => readSchedule(schedule('rate(1 day)', properties))).toThrow(/Europe\/Sarajevo/);
});

describe('startSchedules', () => {
  const started = time('2026-01-31T12:00');
  beforeEach(() => jest.useFakeTimers({ now: started }));
  afterEach(() => jest.useRealTimers());
  const minute = 60_000;

  test.each([
    ['set back by an hour', -60 * minute],
    ['set forward by eight hours', 480 * minute],
    ['left alone', 0],
  ])('runs every five minutes with a clock that is %s', (_, byMs) => {
    const runs: number[] = [];
    const end = startSchedules([readSchedule(schedule('rate(5 minutes)'))], () => {
      runs.push(performance.now());
    });
    const beganMs = performance.now();
    jest.advanceTimersByTime(7 * minute);
    jest.setSystemTime(Date.now() + byMs);
    jest.advanceTimersByTime(10 * minute);
    end();
    expect(runs.map((ms) => Math.round((ms - beganMs) / minute))).toEqual([5, 10, 15]);
  });
});
