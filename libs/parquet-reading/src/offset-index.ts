import { fetchRanges } from './byte-ranges';
import type { ByteRange, ByteSource, ReadOptions } from './byte-source';
import { check } from './errors';
import { chunkLocation, rowGroupRows, type ParquetFooter } from './footer';
import type { Leaf } from './shape';
import { ThriftReader, thriftType } from './thrift-reader';

/** Location of a data page, and the row of its row group with which it begins (parquet.thrift, PageLocation). */
export interface PageLocation extends ByteRange {
  readonly firstRow: number;
}

/** Size in bytes up to which a chunk is read whole: reading its index first would take another round trip. */
export const smallChunkBytes = 64 << 10;

/**
 * Reads the offset indexes of the larger, unrepeated chunks in one round trip. Returns an empty map where the file
 * has none.
 */
export async function readOffsetIndexes(
  source: ByteSource,
  footer: ParquetFooter,
  group: number,
  leaves: readonly Leaf[],
  options: ReadOptions,
): Promise<ReadonlyMap<Leaf, readonly PageLocation[]>> {
  const { offsetIndexes } = footer;
  if (!offsetIndexes) return new Map();
  const wanted = leaves.flatMap((leaf) => {
    const at = group * footer.leaves.length + leaf.index;
    const start = offsetIndexes.starts[at] ?? 0;
    const end = start + (offsetIndexes.bytes[at] ?? 0);
    const chunk = chunkLocation(footer, group, leaf);
    const pays = chunk.end - chunk.start > smallChunkBytes && leaf.maxRepetition === 0;
    const isThere = end > start && start > 0 && end <= footer.fileBytes;
    return pays && isThere ? [{ leaf, range: { start, end } }] : [];
  });
  const fetched = await fetchRanges(
    source,
    wanted.map(({ range }) => range),
    options,
  );
  return new Map(
    wanted.map(({ leaf, range }) => [
      leaf,
      parseOffsetIndex(fetched.slice(range), footer, group, leaf),
    ]),
  );
}

function parseOffsetIndex(
  bytes: Uint8Array,
  footer: ParquetFooter,
  group: number,
  leaf: Leaf,
): readonly PageLocation[] {
  const reader = new ThriftReader(bytes);
  const chunk = chunkLocation(footer, group, leaf);
  const pages: PageLocation[] = [];
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id !== 1) {
      reader.skip();
      continue;
    }
    const count = reader.list(thriftType.struct);
    for (let index = 0; index < count; index++) pages.push(readLocation(reader));
  }
  let before = { end: chunk.start, firstRow: -1 };
  for (const page of pages) {
    check(
      page.start >= before.end &&
        page.end <= chunk.end &&
        page.firstRow > before.firstRow &&
        page.firstRow < Math.max(1, rowGroupRows(footer, group)),
      () => `the page index of column "${leaf.name}" does not fit its chunk`,
    );
    before = page;
  }
  check(pages[0]?.firstRow === 0, () => `the page index of column "${leaf.name}" lacks row 0`);
  return pages;
}

function readLocation(reader: ThriftReader): PageLocation {
  let start = -1;
  let bytes = -1;
  let firstRow = -1;
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id === 1) start = reader.i64();
    else if (id === 2) bytes = reader.i32();
    else if (id === 3) firstRow = reader.i64();
    else reader.skip();
  check(start >= 0 && bytes >= 0 && firstRow >= 0, () => 'a page index has a broken entry');
  return { start, end: start + bytes, firstRow };
}

export interface PagePlan {
  /** Ranges of the dictionary, if there is one, and of the pages from the first wanted row to the last. */
  readonly ranges: readonly ByteRange[];
  /** Row with which the first of the pages begins. */
  readonly firstRow: number;
  /** Row after the last row of the pages, exclusive. */
  readonly rowEnd: number;
}

/** Plans which pages of a chunk to read. @param rows ascending, at least one */
export function planPages(
  footer: ParquetFooter,
  group: number,
  leaf: Leaf,
  rows: readonly number[],
  pages: readonly PageLocation[] | undefined,
): PagePlan {
  const chunk = chunkLocation(footer, group, leaf);
  const [firstPage] = pages ?? [];
  if (!pages || !firstPage) return { ranges: [chunk], firstRow: 0, rowEnd: chunk.rows };
  const holding = (row: number): PageLocation =>
    pages.findLast(({ firstRow }) => firstRow <= row) ?? firstPage;
  const first = holding(rows[0] ?? 0);
  const last = holding(rows.at(-1) ?? 0);
  const run = { start: first.start, end: last.end };
  const dictionary = { start: chunk.start, end: firstPage.start };
  return {
    ranges: dictionary.end > dictionary.start ? [dictionary, run] : [run],
    firstRow: first.firstRow,
    rowEnd: pages[pages.indexOf(last) + 1]?.firstRow ?? chunk.rows,
  };
}
