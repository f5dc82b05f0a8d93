export interface Week {
  /** Seven days, beginning with Monday; undefined outside of the range. */
  readonly days: readonly (string | undefined)[];
}

const dayMs = 86_400_000;

/** Returns the weeks from one day to another, both inclusive. */
export function weeksOf(from: string, to: string): readonly Week[] {
  const first = Date.parse(`${from}T00:00:00Z`);
  const last = Date.parse(`${to}T00:00:00Z`);
  // Sunday is 0.
  const monday = first - ((new Date(first).getUTCDay() + 6) % 7) * dayMs;
  const weeks: Week[] = [];
  for (let start = monday; start <= last; start += 7 * dayMs)
    weeks.push({
      days: Array.from({ length: 7 }, (_, index) => {
        const day = start + index * dayMs;
        return day < first || day > last ? undefined : new Date(day).toISOString().slice(0, 10);
      }),
    });
  return weeks;
}

/** Returns the day that is a number of days before another. */
export const daysBefore = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - days * dayMs).toISOString().slice(0, 10);
