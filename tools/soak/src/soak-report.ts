import Table from 'cli-table3';

export interface SoakReport {
  readonly seed: number;
  readonly seconds: number;
  /** Events that the gateway answered for. */
  readonly acknowledged: number;
  /** Distinct events with a row, at the end. */
  readonly rows: number;
  /** Distinct events that are in the error output for good. */
  readonly failed: number;
  /** Distinct events that only the replay made into rows. */
  readonly replayed: number;
  readonly resends: number;
  /** Number of faults by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Sentences about what is not as it must be; none where all is well. */
  readonly problems: readonly string[];
}

/** Counts of a run by name, and what is wrong. */
interface Counted {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly faults?: SoakReport['faults'];
}

/** @param verdict what holds where there is no problem */
export function reportText(
  { faults = {}, problems, ...counts }: Counted,
  verdict = 'Nothing is lost and nothing is there twice: acknowledged = rows + failed.',
): string {
  const noLines = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
  const table = new Table({ chars: noLines, style: { head: [], border: [] } });
  const count = (value: number): { readonly content: string; readonly hAlign: 'right' } => ({
    content: value.toLocaleString('en'),
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
