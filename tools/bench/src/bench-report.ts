import { cpus } from 'node:os';
import Table from 'cli-table3';
import { measuredText } from '@sluice/values/figures';

/** One measured figure. */
export interface BenchFigure {
  readonly name: string;
  /** Median of the rounds. */
  readonly value: number;
  readonly unit: string;
  /** Smallest and largest value of the rounds, if there were several. */
  readonly spread?: readonly [low: number, high: number];
  /** Limit that the project promises. A figure that misses it fails the bench. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface BenchReport {
  readonly name: string;
  /** A sentence that says what was measured, on what input. */
  readonly about: string;
  readonly figures: readonly BenchFigure[];
}

export const meetsTarget = ({ value, target }: BenchFigure): boolean =>
  target === undefined || ('atLeast' in target ? value >= target.atLeast : value <= target.atMost);

const targetText = ({ target }: BenchFigure): string => {
  if (!target) return '';
  return 'atLeast' in target
    ? `≥ ${measuredText(target.atLeast)}`
    : `≤ ${measuredText(target.atMost)}`;
};

/** Writes a report as a table for the terminal. */
export function reportText(report: BenchReport): string {
  const table = new Table({
    head: ['', 'median', 'low to high', 'target', ''],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const figure of report.figures)
    table.push([
      figure.name,
      `${measuredText(figure.value)} ${figure.unit}`,
      figure.spread ? figure.spread.map(measuredText).join(' to ') : '',
      targetText(figure),
      figure.target ? (meetsTarget(figure) ? 'met' : 'MISSED') : '',
    ]);
  const [cpu] = cpus();
  const machine = `Node ${process.versions.node}, ${cpus().length} × ${cpu?.model ?? 'unknown CPU'}`;
  return `${report.name}: ${report.about}\n${machine}\n${table.toString()}`;
}
