import { columnName, pathText, type Column } from '@sluice/event-schema';
import { openTextFile, SourceFileError, type ReadOptions, type TextFile } from '../text-file';
import { cellJson, type CellColumn } from './csv-cell';
import { detectDelimiter, type Delimiter } from './csv-delimiter';
import { csvRecords, type CsvRecord } from './csv-records';
import type { EventText } from './event-text';
import { clashOfPaths, createRowWriter } from './row-writer';

/** Number of characters from which the delimiter is detected. */
const sampleCharacters = 64 * 1024;

/**
 * Opens a CSV file whose first record names the columns.
 *
 * @returns a function that reads its rows, each as JSON text
 * @param columns of the event type
 * @param given the delimiter; detected where it is undefined
 * @throws {@link SourceFileError} where the header is not valid
 */
export async function csvTexts(
  path: string,
  columns: readonly Column[],
  given: Delimiter | undefined,
): Promise<(options?: ReadOptions) => AsyncIterable<EventText>> {
  const file = await openTextFile(path);
  const delimiter = given ?? detectDelimiter(await beginning(file));
  const records = (options?: ReadOptions): AsyncIterable<CsvRecord> =>
    csvRecords(file.chunks(options), { path, delimiter });
  const header = await readHeader(records());
  const cells = header.map((name) => cellColumn(name, columns));
  checkHeader(path, header, cells);
  const write = createRowWriter(cells.map((cell) => cell.path));
  return async function* (options) {
    let isBody = false;
    for await (const { line, cells: values } of records(options)) {
      const isBlank = values.length === 1 && values[0] === '';
      if (!isBody) isBody = !isBlank;
      else if (values.length === header.length)
        yield {
          position: line,
          text: write(cells.map((cell, index) => cellJson(values[index] ?? '', cell))),
        };
      else if (!isBlank)
        yield {
          position: line,
          text: values.join(delimiter),
          fault: `it has ${values.length} cells, and the header ${header.length}`,
        };
    }
  };
}

/**
 * Returns the column that a name in the header refers to: the event type's, or else a member of that name, for
 * `unmapped`.
 */
function cellColumn(name: string, columns: readonly Column[]): CellColumn {
  const known = columns.find(
    (column) => column.name === columnName([name]) || pathText(column.path) === name,
  );
  return known ?? { path: [name], type: { kind: 'string' }, nullable: false, required: false };
}

function checkHeader(path: string, header: readonly string[], cells: readonly CellColumn[]): void {
  const nameless = header.indexOf('');
  if (nameless >= 0)
    throw new SourceFileError(`${path}, line 1: column ${nameless + 1} has no name; give it one`);
  const clash = clashOfPaths(cells.map((cell) => cell.path));
  if (clash)
    throw new SourceFileError(
      `${path}, line 1: ${clash.map((index) => JSON.stringify(header[index])).join(' and ')} are one column; rename one of them`,
    );
}

async function beginning(file: TextFile): Promise<string> {
  let text = '';
  for await (const chunk of file.chunks()) {
    text += chunk;
    if (text.length >= sampleCharacters) break;
  }
  return text.slice(0, sampleCharacters);
}

/** Reads the names of the columns; none where the file has only blank lines. */
async function readHeader(records: AsyncIterable<CsvRecord>): Promise<readonly string[]> {
  for await (const { cells } of records)
    if (cells.length > 1 || cells[0] !== '') return cells.map((cell) => cell.trim());
  return [];
}
