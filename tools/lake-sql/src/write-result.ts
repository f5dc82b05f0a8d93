import type { DuckDBResult } from '@duckdb/node-api';
import Table from 'cli-table3';
import { cellJson, cellText, csvField, resultRows } from './result-rows';

/** Takes text in pieces; settles when it may be given more. */
export type Write = (text: string) => Promise<void>;

/** A table is for a person. */
const maxTableRows = 1000;
const maxCellCharacters = 80;

/** @returns how many rows */
export async function writeCsv(result: DuckDBResult, write: Write): Promise<number> {
  await write(`${result.columnNames().map(csvField).join(',')}\r\n`);
  let count = 0;
  for await (const row of resultRows(result)) {
    await write(`${row.map((cell) => csvField(cellText(cell))).join(',')}\r\n`);
    count++;
  }
  return count;
}

/** One array of objects, a row a line. @returns how many rows */
export async function writeJson(result: DuckDBResult, write: Write): Promise<number> {
  const names = result.deduplicatedColumnNames();
  let count = 0;
  for await (const row of resultRows(result)) {
    const object = Object.fromEntries(
      names.map((name, index) => {
        const cell = row[index];
        return [name, cell ? cellJson(cell) : null];
      }),
    );
    await write(`${count === 0 ? '[' : ','}\n${JSON.stringify(object)}`);
    count++;
  }
  await write(count === 0 ? '[]\n' : '\n]\n');
  return count;
}

/** In place of the rule above a row. */
const noRule = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** The first {@link maxTableRows} rows, and how many there are. @returns how many rows */
export async function writeTable(result: DuckDBResult, write: Write): Promise<number> {
  const table = new Table({
    head: result.columnNames().map(printable),
    style: { head: [], border: [] },
  });
  let count = 0;
  for await (const row of resultRows(result)) {
    if (count < maxTableRows)
      table.push(
        row.map((cell) => ({
          content: printable(cellText(cell) ?? ''),
          // The first row's is the one below the names.
          ...(count > 0 && { chars: noRule }),
        })),
      );
    count++;
  }
  await write(`${table.toString()}\n`);
  if (count > maxTableRows)
    await write(`The first ${maxTableRows} of ${count} rows; --format csv or json gives all.\n`);
  else await write(`${count} ${count === 1 ? 'row' : 'rows'}\n`);
  return count;
}

/** Without what would move the cursor or change the terminal, and not too long. */
const printable = (text: string): string => {
  const plain = text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    JSON.stringify(character)
      .slice(1, -1)
      .replace(/^[^\\]$/u, escaped),
  );
  return plain.length > maxCellCharacters ? `${plain.slice(0, maxCellCharacters - 1)}…` : plain;
};

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
