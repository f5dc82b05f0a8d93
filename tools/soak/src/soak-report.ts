import Table from 'cli-table3';
import { countText } from '@sluice/values/figures';

export interface SoakReport {
  readonly seed: number;
  readonly seconds: number;
  /** Number of events that the gateway acknowledged. */
  readonly acknowledged: number;
  /** Number of distinct events with a row, at the end. */
  readonly rows: number;
  /** Number of distinct events that remain in the error output. */
  readonly failed: number;
  /** Number of distinct events that became rows only by the replay. */
  readonly replayed: number;
  readonly resends: number;
  /** Number of faults by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Sentences about violations; none where all is well. */
  readonly problems: readonly string[];
}

/** Counts of a run by name, and its problems. */
interface Counted {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly faults?: SoakReport['faults'];
}

/** Writes the report. @param verdict sentence for a run without problems */
export function reportText(
  { faults = {}, problems, ...counts }: Counted,
  verdict = 'Nothing is lost and nothing is there twice: acknowledged = rows + failed.',
): string {
  const noLines = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
  const table = new Table({ chars: noLines, style: { head: [], border: [] } });
  const count = (value: number): { readonly content: string; readonly hAlign: 'right' } => ({
    content: countText(value),
    hAlign: 'right',
  });
  table.push(
    ...Object.entries(counts).map(([name, value]) => [
      name,
      name === 'seed' ? { content: String(value), hAlign: 'right' as const } : count(value),
    ]),
    ...Object.entries(faults)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([kind, times]) => [`fault: ${kind}`, count(times)]),
  );
  const said =
    problems.length === 0 ? verdict : problems.map((problem) => `PROBLEM: ${problem}`).join('\n');
  return `${table.toString()}\n${said}`;
}
