import type { CommandLine } from '@sluice/terminal/command-line';
import { wrapText } from '@sluice/terminal';
import Table from 'cli-table3';
import { writeFileSync } from 'node:fs';
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

export interface ReportOptions {
  /** True to write the whole report as one line of JSON instead of the text. */
  readonly json: boolean;
  /** File that gets the whole report as JSON. */
  readonly jsonFile: string | undefined;
}

/**
 * Writes a report to standard output: a text for people with the summary, as one line of JSON, below it.
 *
 * @param report members of the whole report, beside those of the summary
 */
export function writeReport(
  report: { readonly report: object; readonly summary: object; readonly text: () => string },
  { json, jsonFile }: ReportOptions,
  stdout: CommandLine['stdout'],
): void {
  const whole = { ...report.report, ...report.summary };
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(whole, undefined, 2)}\n`);
  stdout.write(
    json ? `${JSON.stringify(whole)}\n` : `${report.text()}\n${JSON.stringify(report.summary)}\n`,
  );
}
