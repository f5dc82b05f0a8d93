import { createColumnReader } from './column-reader';
import { CorruptParquetError } from './errors';
import { rowGroupRows, type ParquetFooter } from './footer';
import type { Page } from './page';
import { valueAt } from './raw-values';
import type { FileColumn } from './schema';
import type { Leaf } from './shape';
import type { ParquetValue } from './value-type';

/**
 * Returns pages of a leaf's chunk in their order: those that have a row for which `wants` says so, and others perhaps. A repeated
 * leaf's are all returned.
 */
export type PagesOf = (
  leaf: Leaf,
  wants?: (firstRow: number, rowEnd: number) => boolean,
) => Iterable<Page>;

/**
 * Returns the values of one column in some rows of a row group.
 *
 * @param rows ascending
 */
export function readColumnRows(
  footer: ParquetFooter,
  group: number,
  column: FileColumn,
  rows: readonly number[],
  pagesOf: PagesOf,
): ParquetValue[] {
  if (rows.length === 0) return [];
  const { shape } = column;
  if (shape.kind === 'value') return readFlat(footer, group, shape.leaf, rows, pagesOf);
  const reader = createColumnReader(column, (leaf) => pagesOf(leaf)[Symbol.iterator]());
  let at = 0;
  return rows.map((row) => {
    for (; at < row; at++) reader.skip();
    at++;
    return reader.read();
  });
}

function readFlat(
  footer: ParquetFooter,
  group: number,
  leaf: Leaf,
  rows: readonly number[],
  pagesOf: PagesOf,
): ParquetValue[] {
  const out: ParquetValue[] = [];
  let next = 0;
  const wants = (pageFirst: number, pageEnd: number): boolean => {
    const row = rows[next];
    return row !== undefined && row >= pageFirst && row < pageEnd;
  };
  for (const page of pagesOf(leaf, wants)) {
    let level = 0;
    let valueIndex = 0;
    for (let row = rows[next]; row !== undefined; row = rows[++next]) {
      const inPage = row - page.firstRow;
      if (inPage >= page.count) break;
      if (!page.definitions) {
        out.push(valueAt(page.values, inPage, leaf.type));
        continue;
      }
      while (level < inPage) if (page.definitions[level++] === leaf.maxDefinition) valueIndex++;
      const isThere = page.definitions[inPage] === leaf.maxDefinition;
      out.push(isThere ? valueAt(page.values, valueIndex, leaf.type) : null);
    }
  }
  if (next === rows.length) return out;
  throw new CorruptParquetError(
    `column "${leaf.name}" of row group ${group} ends before row ${rows[next] ?? -1} of ${rowGroupRows(footer, group)}`,
  );
}
