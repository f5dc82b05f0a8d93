import { createColumnReader } from './column-reader';
import { CorruptParquetError } from './errors';
import { rowGroupRows, chunkLocation, type ParquetFooter } from './footer';
import { chunkPages } from './page';
import { valueAt } from './raw-values';
import type { FileColumn, Leaf } from './schema';
import type { ParquetValue } from './value-type';

/** Pages of one column chunk, as fetched. */
export interface ChunkBytes {
  readonly bytes: Uint8Array;
  /** Row, counted in the row group, with which the first data page begins. @default 0 */
  readonly firstRow?: number;
  /** Row after the last row of the pages, exclusive. @default the row count of the row group */
  readonly rowEnd?: number;
}

/**
 * Returns the values of one column in some rows of a row group.
 *
 * @param rows ascending
 * @param chunk returns the bytes of a leaf's chunk
 */
export function readColumnRows(
  footer: ParquetFooter,
  group: number,
  column: FileColumn,
  rows: readonly number[],
  chunk: (leaf: Leaf) => ChunkBytes,
): ParquetValue[] {
  if (rows.length === 0) return [];
  const { shape } = column;
  if (shape.kind === 'value') return readFlat(footer, group, shape.leaf, rows, chunk(shape.leaf));
  return readNested(footer, group, column, rows, chunk);
}

function readFlat(
  footer: ParquetFooter,
  group: number,
  leaf: Leaf,
  rows: readonly number[],
  { bytes, ...rowsOfBytes }: ChunkBytes,
): ParquetValue[] {
  const out: ParquetValue[] = [];
  let next = 0;
  const wants = (pageFirst: number, pageEnd: number): boolean => {
    const row = rows[next];
    return row !== undefined && row >= pageFirst && row < pageEnd;
  };
  const location = chunkLocation(footer, group, leaf);
  for (const page of chunkPages(bytes, leaf, location, { wants, ...rowsOfBytes })) {
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

function readNested(
  footer: ParquetFooter,
  group: number,
  column: FileColumn,
  rows: readonly number[],
  chunk: (leaf: Leaf) => ChunkBytes,
): ParquetValue[] {
  const reader = createColumnReader(column, (leaf) =>
    chunkPages(chunk(leaf).bytes, leaf, chunkLocation(footer, group, leaf)),
  );
  let at = 0;
  return rows.map((row) => {
    for (; at < row; at++) reader.skip();
    at++;
    return reader.read();
  });
}
