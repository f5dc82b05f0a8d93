/** Error for an expression that schedules here do not support; the message is part of a sentence. */
export class CronError extends Error {
  override readonly name = 'CronError';
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for the numbers from `min` on. */
  readonly words?: readonly string[];
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const fields: readonly Field[] = [
  { name: 'minutes', min: 0, max: 59 },
  { name: 'hours', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: months },
  { name: 'day of week', min: 1, max: 7, words: weekdays },
  { name: 'year', min: 1970, max: 2199 },
];

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Number of days to look ahead: February 29 comes again within eight years. */
const maxDays = 8 * 366;

/**
 * Returns a function that computes the times of a `cron(…)` expression in UTC. Source: EventBridge Scheduler user
 * guide, "Cron-based schedules"; its `L`, `W` and `#` are not supported.
 *
 * @param text the six fields
 * @returns a function from a time to the first later one, both in milliseconds since 1970; undefined where there is
 * none
 * @throws {@link CronError}
 */
export function cronTimes(text: string): (afterMs: number) => number | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length)
    throw new CronError(`has ${parts.length} fields and not ${fields.length}`);
  const [minutes, hours, days, monthSet, weekdaySet, years] = fields.map((field, index) =>
    valuesOf(parts[index] ?? '', field),
  );
  const isDay = (date: Date): boolean =>
    years?.has(date.getUTCFullYear()) === true &&
    monthSet?.has(date.getUTCMonth() + 1) === true &&
    days?.has(date.getUTCDate()) === true &&
    weekdaySet?.has(date.getUTCDay() + 1) === true;
  const isTime = (date: Date): boolean =>
    hours?.has(date.getUTCHours()) === true && minutes?.has(date.getUTCMinutes()) === true;

  return (afterMs) => {
    let dayStartMs = Math.floor(afterMs / dayMs) * dayMs;
    for (let day = 0; day < maxDays; day++, dayStartMs += dayMs) {
      if (!isDay(new Date(dayStartMs))) continue;
      for (let timeMs = dayStartMs; timeMs < dayStartMs + dayMs; timeMs += minuteMs)
        if (timeMs > afterMs && isTime(new Date(timeMs))) return timeMs;
    }
    return undefined;
  };
}

function valuesOf(part: string, { name, min, max, words = [] }: Field): ReadonlySet<number> {
  const number = (text: string): number => {
    const word = words.indexOf(text.toUpperCase());
    const value = word >= 0 ? word + min : /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max))
      throw new CronError(`has "${part}" for ${name}, and known are ${min} to ${max}`);
    return value;
  };
  const values = new Set<number>();
  for (const item of part.split(',')) {
    const [range = '', stepText] = item.split('/');
    const isAny = range === '*' || range === '?';
    const [first, last] = range.split('-');
    const from = isAny ? min : number(first ?? '');
    const to =
      isAny || (last === undefined && stepText !== undefined) ? max : number(last ?? first ?? '');
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!(Number.isInteger(step) && step > 0) || to < from)
      throw new CronError(`has "${part}" for ${name}, which gives no times`);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}
