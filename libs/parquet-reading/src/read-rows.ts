import { fetchRanges } from './byte-ranges';
import type { ByteSource, ReadOptions } from './byte-source';
import { leavesOf, readColumnRows } from './column-rows';
import {
  chunkLocation,
  columnNames,
  rowGroupCount,
  rowGroupRows,
  type ParquetFooter,
} from './footer';
import type { KeyRow } from './key-read';

export interface RowsOptions extends ReadOptions {
  /** In this order in every row; those that the file lacks are null. Every column by default. */
  readonly columns?: readonly string[];
}

/** Every row of a file, row group by row group. */
export async function* readRows(
  source: ByteSource,
  footer: ParquetFooter,
  { columns = columnNames(footer), ...options }: RowsOptions = {},
): AsyncGenerator<readonly KeyRow[]> {
  const nodes = columns.map((name) =>
    footer.root.children.find(({ element }) => element.name === name),
  );
  const leaves = nodes.flatMap((node) => (node ? leavesOf(node) : []));
  for (let group = 0; group < rowGroupCount(footer); group++) {
    const ranges = leaves.map((leaf) => chunkLocation(footer, group, leaf));
    const fetched = await fetchRanges(source, ranges, options);
    const rows = Array.from({ length: rowGroupRows(footer, group) }, (_, row) => row);
    const values = nodes.map(
      (node) =>
        node &&
        readColumnRows(footer, group, node, rows, (leaf) => ({
          bytes: fetched.slice(chunkLocation(footer, group, leaf)),
          firstRow: 0,
        })),
    );
    yield rows.map((row) => values.map((column) => column?.[row] ?? null));
  }
}
