import type { Refuse } from './definition-error';

const ratePattern = /^rate\(([1-9]\d{0,5}) (minute|hour|day)(s?)\)$/;
/**
 * Matches a cron expression of six fields, whose values EventBridge itself checks (Scheduler guide: schedule-types).
 */
const cronPattern = /^cron\((?:[0-9A-Z*,/#?L-]+ ){5}[0-9A-Z*,/#?L-]+\)$/;

/** Refuses anything other than the day's seal and schedule expressions of EventBridge. */
export function checkSchedule(refuse: Refuse, schedule: string): void {
  if (schedule === 'day-sealed' || cronPattern.test(schedule)) return;
  const rate = ratePattern.exec(schedule);
  // The unit of one is singular: EventBridge refuses rate(1 days).
  if (rate && (rate[1] === '1') === (rate[3] === '')) return;
  refuse(
    '/schedule',
    `"${schedule}" is no schedule; write day-sealed, rate(12 hours) or cron(0 3 * * ? *)`,
  );
}
