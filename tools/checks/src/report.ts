import { wrapText } from '@sluice/terminal';
import Table from 'cli-table3';
import type { Status } from './check';

/** Counts the checks of each status. */
export function countByStatus(
  results: readonly { readonly status: Status }[],
): Readonly<Record<Status, number>> {
  const counts = { passed: 0, failed: 0, advice: 0, skipped: 0 };
  for (const { status } of results) counts[status]++;
  return counts;
}

export interface ListedCheck {
  readonly id: string;
  readonly status: Status;
}

/**
 * Lists checks for a person at the width of a terminal: status and id in a line, and below it texts with their labels.
 *
 * @param texts labels and texts of a check, in their order
 */
export function checkList<Check extends ListedCheck>(
  checks: readonly Check[],
  texts: (check: Check) => Readonly<Record<string, string>>,
): string {
  return checks
    .map((check) => {
      const labelled = Object.entries(texts(check));
      const width = Math.max(...labelled.map(([label]) => label.length));
      return [
        `${check.status.padEnd(statusWidth)}${check.id}`,
        ...labelled.map(([label, text]) =>
          wrapText(text, { first: `${' '.repeat(statusWidth)}${label.padEnd(width)}  ` }),
        ),
      ].join('\n');
    })
    .join('\n');
}

const statusWidth = 'skipped  '.length;

export interface TableColumn<Row> {
  readonly title: string;
  /** Width in characters, without borders. */
  readonly width: number;
  readonly text: (row: Row) => string;
}

/** Draws a table for people, with cells wrapped at words. */
export function textTable<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string {
  const table = new Table({
    head: columns.map(({ title }) => title),
    style: { head: [], border: [] },
    colWidths: columns.map(({ width }) => width + 2),
    wordWrap: true,
  });
  for (const row of rows) table.push(columns.map(({ text }) => text(row)));
  return table.toString();
}
