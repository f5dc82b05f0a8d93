import type { Acknowledged } from './producer';
import type { RowCounts } from './lake-account';

export interface Findings {
  readonly rows: RowCounts;
  readonly failed: ReadonlySet<string>;
}

const examples = (ids: readonly string[]): string =>
  `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`;

/** Returns one sentence if there are any ids, else none. */
const problem = (what: string, ids: Iterable<string>): readonly string[] => {
  const found = [...ids];
  return found.length === 0 ? [] : [`${found.length} ${what}: ${examples(found)}`];
};

/** Judges the findings at a time when good events may still wait for a replay. */
export const judgeBeforeReplay = (
  { sound, unsound }: Acknowledged,
  { rows, failed }: Findings,
): readonly string[] => [
  ...problem(
    'acknowledged events are neither a row nor in the error output',
    [...sound].filter((id) => !rows.has(id) && !failed.has(id)),
  ),
  ...problem(
    'acknowledged events that the schema refuses are not in the error output',
    [...unsound].filter((id) => !failed.has(id)),
  ),
];

/** Judges look-ups. @param found number of rows that the look-up returns, for a sample of ids */
export const judgeLookUps = (found: RowCounts): readonly string[] =>
  problem(
    'look-ups give no row, or several',
    [...found].filter(([, rows]) => rows !== 1).map(([id]) => id),
  );

/** Judges rows at a time when every event has to be in its place exactly once. */
export const judgeRows = (
  { sound }: Acknowledged,
  rows: RowCounts,
  where: string,
): readonly string[] => [
  ...problem(
    `acknowledged events are no row ${where}`,
    [...sound].filter((id) => !rows.has(id)),
  ),
  ...problem(
    `events are several rows ${where}`,
    [...rows].filter(([, count]) => count > 1).map(([id]) => id),
  ),
  ...problem(
    `rows ${where} are of no event that conforms`,
    [...rows.keys()].filter((id) => !sound.has(id)),
  ),
];
