import * as zlib from 'node:zlib';
import { decompress } from './decompress';
import { check, CorruptParquetError, UnsupportedParquetError } from './errors';
import { levelWidth, readHybrid } from './hybrid';
import type { RawValues } from './raw-values';
import type { Leaf } from './shape';
import { ThriftReader } from './thrift-reader';
import { decodeValues, encoding, plainValues } from './values';

/** A column chunk: the range of its pages in the file (`end` exclusive), what they hold and how they are compressed. */
export interface ChunkLocation {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly values: number;
  readonly codec: number;
}

/** Values of one page of one column, with the levels that show its nulls and where its rows begin. */
export interface Page {
  /** Row of the row group with which the page begins; -1 for a repeated column, where only the levels tell. */
  readonly firstRow: number;
  /** Number of levels in the page: its values and its nulls. */
  readonly count: number;
  /** Definition levels; undefined where no value is null. */
  readonly definitions?: Uint8Array;
  /** Repetition levels; undefined where every level begins a row. */
  readonly repetitions?: Uint8Array;
  readonly values: RawValues;
}

const pageType = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const;

interface PageHeader {
  type: number;
  plainBytes: number;
  storedBytes: number;
  crc?: number;
  /** Number of values, nulls included. */
  count: number;
  encoding: number;
  definitionEncoding: number;
  /** Number of nulls. This member and those below are set only for a page of version 2. */
  nulls: number;
  rows: number;
  definitionBytes: number;
  repetitionBytes: number;
  isCompressed: boolean;
}

/** Largest size of a page that is read; writers make pages of 8 KB to some MB. */
const maxPageBytes = 64 << 20;

export interface PageSelection {
  /**
   * Decides whether any row from `firstRow` (inclusive) to `rowEnd` (exclusive) is wanted. Pages without wanted rows
   * are skipped.
   *
   * @default every row
   */
  readonly wants?: (firstRow: number, rowEnd: number) => boolean;
  /** Row of the row group with which the first data page begins. @default 0 */
  readonly firstRow?: number;
  /** Row after the last row of the pages, exclusive. @default the row count of the row group */
  readonly rowEnd?: number;
}

/**
 * Decodes the pages of a column chunk, one after the other. Reading to the end also checks that the pages' headers
 * agree with the footer about the position of each row, because checksums cover a page's content but not its header.
 *
 * @param bytes the chunk's bytes, or the dictionary page followed by the pages to read
 */
export function* chunkPages(
  bytes: Uint8Array,
  leaf: Leaf,
  chunk: ChunkLocation,
  { wants, firstRow, rowEnd }: PageSelection = {},
): Generator<Page> {
  const isRepeated = leaf.maxRepetition > 0;
  let dictionary: RawValues | undefined;
  for (const { header, stored, row, rows } of storedPages(bytes, leaf, chunk, firstRow, rowEnd)) {
    if (header.type === pageType.dictionary) {
      checkSum(header, stored, leaf);
      const plain = decompress(stored, chunk.codec, header.plainBytes);
      dictionary = plainValues(plain, header.count, leaf.type);
      continue;
    }
    if (!isRepeated && wants && !wants(row, row + rows)) continue;
    checkSum(header, stored, leaf);
    const decode = header.type === pageType.dataV2 ? decodePageV2 : decodePageV1;
    yield {
      firstRow: isRepeated ? -1 : row,
      count: header.count,
      ...decode(stored, header, leaf, chunk.codec, dictionary),
    };
  }
}

/**
 * Compares every page of a chunk with its checksum, if its writer gave one, without decoding it.
 *
 * @throws CorruptParquetError
 */
export function checkChunk(bytes: Uint8Array, leaf: Leaf, chunk: ChunkLocation): void {
  for (const { header, stored } of storedPages(bytes, leaf, chunk)) checkSum(header, stored, leaf);
}

/** A page as it is stored in the file: a dictionary or data. */
interface StoredPage {
  readonly header: PageHeader;
  readonly stored: Uint8Array;
  /** Row of the row group with which the page begins; not known for repeated columns. */
  readonly row: number;
  readonly rows: number;
}

function* storedPages(
  bytes: Uint8Array,
  leaf: Leaf,
  chunk: ChunkLocation,
  firstRow = 0,
  rowEnd = chunk.rows,
): Generator<StoredPage> {
  const isRepeated = leaf.maxRepetition > 0;
  let hasDictionary = false;
  let row = firstRow;
  let seen = 0;
  let offset = 0;
  while (offset < bytes.length && seen < chunk.values) {
    const reader = new ThriftReader(bytes, offset);
    const header = readPageHeader(reader);
    const end = reader.offset + header.storedBytes;
    checkHeader(header, leaf, chunk, end <= bytes.length);
    const stored = bytes.subarray(reader.offset, end);
    offset = end;
    if (header.type === pageType.index) continue;
    if (header.type === pageType.dictionary) {
      check(!hasDictionary && seen === 0, () => `column "${leaf.name}" has a second dictionary`);
      hasDictionary = true;
      yield { header, stored, row, rows: 0 };
      continue;
    }
    seen += header.count;
    check(seen <= chunk.values, () => `column "${leaf.name}" has more values than it claims`);
    const rows = header.type === pageType.dataV2 ? header.rows : header.count;
    if (!isRepeated)
      check(row + rows <= rowEnd, () => `column "${leaf.name}" has more rows than its row group`);
    yield { header, stored, row, rows };
    row += rows;
  }
  const isWhole = isRepeated ? seen === chunk.values : row === rowEnd;
  check(
    isWhole,
    () =>
      `column "${leaf.name}" has pages that end at ${isRepeated ? `value ${seen} of ${chunk.values}` : `row ${row} of ${rowEnd}`}`,
  );
}

function readPageHeader(reader: ThriftReader): PageHeader {
  const header: PageHeader = {
    type: -1,
    plainBytes: -1,
    storedBytes: -1,
    count: -1,
    encoding: -1,
    definitionEncoding: encoding.rle,
    nulls: 0,
    rows: 0,
    definitionBytes: 0,
    repetitionBytes: 0,
    isCompressed: true,
  };
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    switch (id) {
      case 1:
        header.type = reader.i32();
        break;
      case 2:
        header.plainBytes = reader.i32();
        break;
      case 3:
        header.storedBytes = reader.i32();
        break;
      case 4:
        header.crc = reader.i32();
        break;
      case 5:
        readDataHeader(reader, header);
        break;
      case 7:
        readDictionaryHeader(reader, header);
        break;
      case 8:
        readDataHeaderV2(reader, header);
        break;
      default:
        reader.skip();
    }
  return header;
}

function readDataHeader(reader: ThriftReader, header: PageHeader): void {
  reader.struct();
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id === 1) header.count = reader.i32();
    else if (id === 2) header.encoding = reader.i32();
    else if (id === 3) header.definitionEncoding = reader.i32();
    else reader.skip();
}

function readDictionaryHeader(reader: ThriftReader, header: PageHeader): void {
  reader.struct();
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id === 1) header.count = reader.i32();
    else if (id === 2) header.encoding = reader.i32();
    else reader.skip();
}

function readDataHeaderV2(reader: ThriftReader, header: PageHeader): void {
  reader.struct();
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id === 1) header.count = reader.i32();
    else if (id === 2) header.nulls = reader.i32();
    else if (id === 3) header.rows = reader.i32();
    else if (id === 4) header.encoding = reader.i32();
    else if (id === 5) header.definitionBytes = reader.i32();
    else if (id === 6) header.repetitionBytes = reader.i32();
    else if (id === 7) header.isCompressed = reader.bool();
    else reader.skip();
}

function checkHeader(
  header: PageHeader,
  { name, maxRepetition }: Leaf,
  chunk: ChunkLocation,
  fits: boolean,
): void {
  const { type, plainBytes, storedBytes, count, nulls, rows } = header;
  check(type >= 0 && type <= pageType.dataV2, () => `column "${name}" has a page of type ${type}`);
  check(
    storedBytes >= 0 && plainBytes >= 0 && fits,
    () => `column "${name}" has a page of ${storedBytes} bytes, more than are left`,
  );
  if (plainBytes > maxPageBytes)
    throw new UnsupportedParquetError(
      `column "${name}" has a page of ${plainBytes} bytes; at most ${maxPageBytes} are read`,
    );
  if (type === pageType.index) return;
  check(
    count >= 0 && (type === pageType.dictionary || count <= chunk.values),
    () => `column "${name}" has a page of ${count} values, and ${chunk.values} in all`,
  );
  if (type === pageType.dictionary)
    check(
      header.encoding === encoding.plain || header.encoding === encoding.plainDictionary,
      () => `column "${name}" has a dictionary in the encoding number ${header.encoding}`,
    );
  if (type === pageType.dataV2) {
    check(
      nulls >= 0 && nulls <= count && rows >= 0 && (maxRepetition > 0 || rows === count),
      () => `column "${name}" has a page of ${count} values, ${nulls} nulls and ${rows} rows`,
    );
    check(
      header.definitionBytes >= 0 &&
        header.repetitionBytes >= 0 &&
        header.definitionBytes + header.repetitionBytes <= Math.min(storedBytes, plainBytes),
      () => `column "${name}" has levels that are longer than their page`,
    );
  }
}

/** Compares a stored page with its CRC-32, if its writer gave one (parquet.thrift, PageHeader.crc). */
function checkSum({ crc }: PageHeader, stored: Uint8Array, { name }: Leaf): void {
  if (crc === undefined || !('crc32' in zlib)) return;
  check(
    zlib.crc32(stored) === crc >>> 0,
    () => `column "${name}" has a page with a wrong checksum`,
  );
}

type PageContent = Omit<Page, 'firstRow' | 'count'>;

function decodePageV1(
  stored: Uint8Array,
  header: PageHeader,
  leaf: Leaf,
  codec: number,
  dictionary: RawValues | undefined,
): PageContent {
  const { maxDefinition, maxRepetition, type } = leaf;
  const { count } = header;
  if (maxDefinition > 0 && header.definitionEncoding === encoding.bitPacked)
    throw new UnsupportedParquetError(
      `column "${leaf.name}" has levels in the old BIT_PACKED form`,
    );
  const plain = decompress(stored, codec, header.plainBytes);
  let offset = 0;
  const readLevels = (maxLevel: number): Uint8Array | undefined => {
    if (maxLevel === 0) return undefined;
    check(offset + 4 <= plain.length, () => `column "${leaf.name}" has a page without its levels`);
    const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
    const start = offset + 4;
    offset = start + view.getUint32(offset, true);
    return levels(plain, start, offset, maxLevel, count, leaf);
  };
  const repetitions = readLevels(maxRepetition);
  const definitions = readLevels(maxDefinition);
  const present = definitions ? countEqual(definitions, maxDefinition) : count;
  const values = decodeValues(plain.subarray(offset), header.encoding, present, type, dictionary);
  return pageContent(values, definitions, repetitions, present === count);
}

function decodePageV2(
  stored: Uint8Array,
  header: PageHeader,
  leaf: Leaf,
  codec: number,
  dictionary: RawValues | undefined,
): PageContent {
  const { maxDefinition, maxRepetition, type } = leaf;
  const { count, repetitionBytes, definitionBytes } = header;
  const levelBytes = repetitionBytes + definitionBytes;
  const repetitions =
    maxRepetition > 0 ? levels(stored, 0, repetitionBytes, maxRepetition, count, leaf) : undefined;
  const definitions =
    maxDefinition > 0
      ? levels(stored, repetitionBytes, levelBytes, maxDefinition, count, leaf)
      : undefined;
  const present = definitions ? countEqual(definitions, maxDefinition) : count;
  const body = stored.subarray(levelBytes);
  const plain = header.isCompressed
    ? decompress(body, codec, header.plainBytes - levelBytes)
    : body;
  const values = decodeValues(plain, header.encoding, present, type, dictionary);
  return pageContent(values, definitions, repetitions, present === count);
}

const pageContent = (
  values: RawValues,
  definitions: Uint8Array | undefined,
  repetitions: Uint8Array | undefined,
  isFull: boolean,
): PageContent => ({
  values,
  ...(definitions && (!isFull || repetitions) && { definitions }),
  ...(repetitions && { repetitions }),
});

function levels(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxLevel: number,
  count: number,
  { name }: Leaf,
): Uint8Array {
  const out = new Uint8Array(count);
  readHybrid(bytes, start, end, levelWidth(maxLevel), out);
  for (const level of out)
    if (level > maxLevel)
      throw new CorruptParquetError(`column "${name}" has the level ${level} of ${maxLevel}`);
  return out;
}

function countEqual(levels: Uint8Array, wanted: number): number {
  let count = 0;
  for (const level of levels) if (level === wanted) count++;
  return count;
}
