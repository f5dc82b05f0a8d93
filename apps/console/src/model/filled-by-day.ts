import type { Cells } from './result-rows';

/** Numbers of rows of a day that have a value, by column. */
export interface FilledDay {
  readonly day: string;
  readonly rows: number;
  /** Number of rows that have a value, by column. */
  readonly filled: ReadonlyMap<string, number>;
}

/**
 * Returns the query that counts the values of each column by day.
 *
 * @param from first day; it keeps the query from reading earlier ones
 */
export const filledByDayQuery = (table: string, columns: readonly string[], from: string): string =>
  [
    `select dt, count(*) as "rows"${columns.map((name) => `, count("${name}") as "${name}"`).join('')}`,
    `from "${table}"`,
    `where dt >= '${from}'`,
    'group by dt order by dt desc',
  ].join('\n');

/** Reads the rows of {@link filledByDayQuery}. */
export const filledByDay = (
  columns: readonly string[],
  rows: readonly Cells[],
): readonly FilledDay[] =>
  rows.map(([day, count, ...counts]) => ({
    day: day ?? '',
    rows: Number(count),
    filled: new Map(columns.map((name, index) => [name, Number(counts[index])])),
  }));

/**
 * Returns a share in whole percent. It is 0 or 100 only if that is exact, because one row without a value among a
 * million is what users look for.
 */
export function wholePercent(part: number, whole: number): number {
  const percent = Math.round((100 * part) / whole);
  if (part > 0 && percent === 0) return 1;
  return part < whole && percent === 100 ? 99 : percent;
}
