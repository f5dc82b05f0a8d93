import type { Table } from 'apache-arrow';
import type { ParquetLayout } from './parquet-layout';
import { writeParquet } from './write-parquet';

/** Layout of the sorted files of a table, chosen so that a look-up takes one small read. */
export interface LookupLayout extends ParquetLayout {
  /** Rows for one file, so that its footer stays small enough for one read. */
  readonly fileRows: number;
}

export interface LookupLayoutOptions {
  /** Column by which the rows are sorted. */
  readonly keyColumn: string;
  /** Further columns that get statistics. @default none */
  readonly boundColumns?: readonly string[];
  /** Compressed size of a row group in bytes, which is what a look-up reads. @default 44 KiB */
  readonly rowGroupBytes?: number;
  /** Largest number of column chunks in a file; each takes about 70 bytes of the footer. @default 2,000 */
  readonly maxColumnChunks?: number;
}

const minRowGroupRows = 128;
const maxRowGroupRows = 8_192;
/** Rows in a row group are a multiple of this number. */
const rowGroupStep = 64;
/** Least number of row groups in a file. A table of many columns gets a larger footer rather than very many files. */
const minRowGroupsPerFile = 64;
/** Share of different values above which a dictionary is larger than the values. */
const maxDistinctPart = 0.5;

/**
 * Chooses the layout by trying it on a sample: a few thousand rows that are neighbours in the sorted table.
 *
 * Row groups get as many rows as fit in `rowGroupBytes`. Columns whose values hardly repeat get no dictionary, which
 * makes them smaller and quicker to write and to read. The reasons are in docs/adr/compaction-engine.md.
 */
export function chooseLookupLayout(
  sample: Table,
  {
    keyColumn,
    boundColumns = [],
    rowGroupBytes = 44 * 1024,
    maxColumnChunks = 2_000,
  }: LookupLayoutOptions,
): LookupLayout {
  const layout: ParquetLayout = {
    codec: 'zstd',
    rowGroupRows: Math.max(1, sample.numRows),
    statistics: [...new Set([keyColumn, ...boundColumns])],
    plain: columnsOfManyValues(sample),
  };
  const { bytes, footerBytes } = writeParquet(sample, layout);
  const bytesPerRow = (bytes.length - footerBytes) / Math.max(1, sample.numRows);
  const wanted = Math.floor(rowGroupBytes / bytesPerRow / rowGroupStep) * rowGroupStep;
  const rowGroupRows = Math.min(maxRowGroupRows, Math.max(minRowGroupRows, wanted));
  const groups = Math.max(minRowGroupsPerFile, Math.floor(maxColumnChunks / sample.numCols));
  return { ...layout, rowGroupRows, fileRows: groups * rowGroupRows };
}

function columnsOfManyValues(sample: Table): readonly string[] {
  return sample.schema.fields
    .filter(({ name }) => {
      const column = sample.getChild(name);
      const distinct = new Set<string>();
      for (const value of column ?? []) distinct.add(String(value));
      return distinct.size > sample.numRows * maxDistinctPart;
    })
    .map(({ name }) => name);
}
