import { columnName, pathText, type Column } from '@sluice/event-schema';
import { SourceFileError, type ReadOptions } from '../text-file';
import { cellJson, type CellColumn } from './csv-cell';
import type { Delimiter } from './csv-delimiter';
import { openCsvFile } from './csv-file';
import type { EventText } from './event-text';
import { clashOfPaths, createRowWriter } from './row-writer';

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
  const { delimiter, header, rows } = await openCsvFile(path, given);
  const cells = header.map((name) => cellColumn(name, columns));
  checkHeader(path, header, cells);
  const write = createRowWriter(cells.map((cell) => cell.path));
  return async function* (options) {
    for await (const { line, cells: values } of rows(options))
      yield values.length === header.length
        ? {
            position: line,
            text: write(cells.map((cell, index) => cellJson(values[index] ?? '', cell))),
          }
        : {
            position: line,
            text: values.join(delimiter),
            fault: `it has ${values.length} cells, and the header ${header.length}`,
          };
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
