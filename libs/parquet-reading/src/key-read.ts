import { fetchRanges, type FetchedBytes } from './byte-ranges';
import type { ByteRange, ByteSource, ReadOptions } from './byte-source';
import { readColumnRows, type PagesOf } from './column-rows';
import { UnsupportedParquetError } from './errors';
import { chunkLocation, rowGroupCount, rowGroupRows, type ParquetFooter } from './footer';
import { keyDomain, type RawKey } from './key-bounds';
import { matchingRows } from './key-match';
import { planPages, readOffsetIndexes } from './offset-index';
import { chunkPages } from './page';
import { columnLeaf, columnNamed, type FileColumn } from './schema';
import type { Leaf } from './shape';
import type { ParquetValue } from './value-type';

/** A row group that may hold a wanted key. */
export interface GroupRead {
  readonly group: number;
  /**
   * `whole`: one range holds the key column and every wanted column. `key-first`: the range is the key column's, and
   * what else to read is known once the key column shows the rows.
   */
  readonly mode: 'whole' | 'key-first';
  readonly range: ByteRange;
  /** Keys that the row group may hold, as positions in the plan's keys. */
  readonly keys: readonly number[];
}

/** The reads that a look-up makes of one file, planned before it reads anything: plain data, to test and to print. */
export interface KeyReadPlan {
  readonly keyColumn: string;
  readonly keys: readonly RawKey[];
  readonly anyCase: boolean;
  /** Columns in their order in every row. Columns that the file lacks are null. */
  readonly columns: readonly string[];
  readonly groups: readonly GroupRead[];
  /** Number of row groups that are skipped because their statistics exclude the keys. */
  readonly prunedGroups: number;
}

export interface KeyQuery {
  readonly keyColumn: string;
  readonly keys: readonly RawKey[];
  /** True to match text keys, which must be given in lower case and ASCII, in any case. @default false */
  readonly anyCase?: boolean;
  readonly columns: readonly string[];
  /** Size in bytes up to which a row group is read at once, instead of the key column first. @default 256 KiB */
  readonly wholeGroupBytes?: number;
}

const defaultWholeGroupBytes = 256 << 10;

/**
 * Plans which row groups to read for some keys, from the footer's statistics alone.
 *
 * @throws UnsupportedParquetError where the file has no such key column, or its type can't be compared with keys
 */
export function planKeyRead(
  footer: ParquetFooter,
  { keyColumn, keys, anyCase = false, columns, wholeGroupBytes = defaultWholeGroupBytes }: KeyQuery,
): KeyReadPlan {
  const keyLeaf = keyLeafOf(footer, keyColumn);
  const needed = [
    keyLeaf,
    ...wantedColumns(footer, columns).flatMap((column) => column?.leaves ?? []),
  ];
  // Upper case sorts before lower case, so every spelling lies between the two.
  const ranges = keys.map((key): readonly [RawKey, RawKey] =>
    anyCase && key instanceof Uint8Array && keyLeaf.type.value.kind !== 'uuid'
      ? [Buffer.from(Buffer.from(key).toString('latin1').toUpperCase(), 'latin1'), key]
      : [key, key],
  );
  const groups: GroupRead[] = [];
  const count = rowGroupCount(footer);
  for (let group = 0; group < count; group++) {
    const { keyBounds } = footer;
    if (rowGroupRows(footer, group) === 0) continue;
    const held = ranges.flatMap(([first, last], index) =>
      !keyBounds || keyBounds.mayHold(group, first, last) ? [index] : [],
    );
    if (keyBounds && held.length === 0) continue;
    const chunks = needed.map((leaf) => chunkLocation(footer, group, leaf));
    const range = {
      start: Math.min(...chunks.map(({ start }) => start)),
      end: Math.max(...chunks.map(({ end }) => end)),
    };
    if (range.end - range.start <= wholeGroupBytes)
      groups.push({ group, mode: 'whole', range, keys: held });
    else {
      const { start, end } = chunkLocation(footer, group, keyLeaf);
      groups.push({ group, mode: 'key-first', range: { start, end }, keys: held });
    }
  }
  return { keyColumn, keys, anyCase, columns, groups, prunedGroups: count - groups.length };
}

function keyLeafOf(footer: ParquetFooter, keyColumn: string): Leaf {
  const leaf = columnLeaf(footer, keyColumn);
  if (!leaf) throw new UnsupportedParquetError(`the file has no column "${keyColumn}"`);
  if (keyDomain(leaf.type) === undefined && leaf.type.physical !== 'INT96')
    throw new UnsupportedParquetError(
      `the column "${keyColumn}" is of a type that keys don't have`,
    );
  return leaf;
}

const wantedColumns = (
  footer: ParquetFooter,
  names: readonly string[],
): readonly (FileColumn | undefined)[] => names.map((name) => columnNamed(footer, name));

/** A row: the values of the plan's columns, in their order. */
export type KeyRow = readonly ParquetValue[];

export interface KeyReadOptions extends ReadOptions {
  /** Largest number of bytes that are read at the same time; a larger read goes alone. @default 8 MiB */
  readonly maxBytesInFlight?: number;
}

const defaultMaxBytesInFlight = 8 << 20;

/**
 * Carries out a plan, row group by row group in the file's order, and yields the matching rows of each row group
 * that has some. Memory is bounded by `maxBytesInFlight` and the largest row group. Stop iterating when you have
 * enough rows; then nothing further is read.
 *
 * @example
 * import { readFile } from 'node:fs/promises';
 * import { bytesSource, planKeyRead, readFooter, readKeyGroups } from '@sluice/parquet-reading';
 * const source = bytesSource(await readFile('orders.parquet'));
 * const footer = await readFooter(source, { keyColumn: 'id' });
 * const keys = [new TextEncoder().encode('order-17')];
 * const plan = planKeyRead(footer, { keyColumn: 'id', keys, columns: ['id', 'amount'] });
 * for await (const { rows } of readKeyGroups(source, footer, plan)) console.log(rows);
 */
export async function* readKeyGroups(
  source: ByteSource,
  footer: ParquetFooter,
  plan: KeyReadPlan,
  { maxBytesInFlight = defaultMaxBytesInFlight, ...options }: KeyReadOptions = {},
): AsyncGenerator<{ readonly group: number; readonly rows: readonly KeyRow[] }> {
  let next = 0;
  while (next < plan.groups.length) {
    const batch: GroupRead[] = [];
    let bytes = 0;
    for (let read = plan.groups[next]; read; read = plan.groups[next]) {
      const size = read.range.end - read.range.start;
      if (batch.length > 0 && bytes + size > maxBytesInFlight) break;
      batch.push(read);
      bytes += size;
      next++;
    }
    const fetched = await fetchRanges(
      source,
      batch.map(({ range }) => range),
      options,
    );
    for (const read of batch) {
      const rows = await readGroup(source, footer, plan, read, fetched, options);
      if (rows.length > 0) yield { group: read.group, rows };
    }
  }
}

async function readGroup(
  source: ByteSource,
  footer: ParquetFooter,
  plan: KeyReadPlan,
  { group, mode }: GroupRead,
  fetched: FetchedBytes,
  options: ReadOptions,
): Promise<readonly KeyRow[]> {
  const keyLeaf = keyLeafOf(footer, plan.keyColumn);
  const keyBytes = fetched.slice(chunkLocation(footer, group, keyLeaf));
  const { rows, pages } = matchingRows(footer, group, keyLeaf, plan.keys, keyBytes, plan.anyCase);
  if (rows.length === 0) return [];
  const wanted = wantedColumns(footer, plan.columns);
  const others = wanted
    .flatMap((column) => column?.leaves ?? [])
    .filter((leaf) => leaf !== keyLeaf);
  const pagesOfOthers: PagesOf =
    mode === 'whole'
      ? (leaf, wants) => {
          const location = chunkLocation(footer, group, leaf);
          return chunkPages(fetched.slice(location), leaf, location, wants && { wants });
        }
      : await fetchPages(source, footer, group, others, rows, options);
  const pagesOf: PagesOf = (leaf, wants) => (leaf === keyLeaf ? pages : pagesOfOthers(leaf, wants));
  const columns = wanted.map(
    (column) => column && readColumnRows(footer, group, column, rows, pagesOf),
  );
  return rows.map((_, index) => columns.map((values) => values?.[index] ?? null));
}

/** Fetches the bytes that hold the rows: the pages that an offset index names, or else whole column chunks. */
async function fetchPages(
  source: ByteSource,
  footer: ParquetFooter,
  group: number,
  leaves: readonly Leaf[],
  rows: readonly number[],
  options: ReadOptions,
): Promise<PagesOf> {
  const indexes = await readOffsetIndexes(source, footer, group, leaves, options);
  const plans = new Map(
    leaves.map((leaf) => [leaf, planPages(footer, group, leaf, rows, indexes.get(leaf))]),
  );
  const fetched = await fetchRanges(
    source,
    [...plans.values()].flatMap(({ ranges }) => ranges),
    options,
  );
  return (leaf, wants) => {
    const { ranges = [], ...rowsOfBytes } = plans.get(leaf) ?? {};
    const parts = ranges.map((range) => fetched.slice(range));
    const [first] = parts;
    const bytes = parts.length === 1 && first ? first : Buffer.concat(parts);
    return chunkPages(bytes, leaf, chunkLocation(footer, group, leaf), {
      ...(wants && { wants }),
      ...rowsOfBytes,
    });
  };
}
