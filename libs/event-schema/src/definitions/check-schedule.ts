import type { Refuse } from './definition-error';

const ratePattern = /^rate\(([1-9]\d{0,5}) (minute|hour|day)(s?)\)$/;
/** Six fields; EventBridge itself has the last word on their values (Scheduler guide: schedule-types). */
const cronPattern = /^cron\((?:[0-9A-Z*,/#?L-]+ ){5}[0-9A-Z*,/#?L-]+\)$/;

/** Refuses what is neither the day's seal nor a schedule expression of EventBridge. */
export function checkSchedule(refuse: Refuse, schedule: string): void {
  if (schedule === 'day-sealed' || cronPattern.test(schedule)) return;
  const rate = ratePattern.exec(schedule);
  // One has no plural: EventBridge refuses rate(1 days).
  if (rate && (rate[1] === '1') === (rate[3] === '')) return;
  refuse(
    '/schedule',
    `"${schedule}" is no schedule; write day-sealed, rate(12 hours) or cron(0 3 * * ? *)`,
  );
}
