import { dayAfter } from '@sluice/lake-layout/keys';

export interface Week {
  /** Seven days, beginning with Monday; undefined outside of the range. */
  readonly days: readonly (string | undefined)[];
}

/** Returns the weeks from one day to another, both inclusive. */
export function weeksOf(from: string, to: string): readonly Week[] {
  // Sunday is 0.
  const monday = dayAfter(from, -((new Date(from).getUTCDay() + 6) % 7));
  const weeks: Week[] = [];
  for (let start = monday; start <= to; start = dayAfter(start, 7))
    weeks.push({
      days: Array.from({ length: 7 }, (_, index) => {
        const day = dayAfter(start, index);
        return day < from || day > to ? undefined : day;
      }),
    });
  return weeks;
}
