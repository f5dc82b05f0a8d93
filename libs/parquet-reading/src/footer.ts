import * as zlib from 'node:zlib';
import type { ByteSource, ReadOptions } from './byte-source';
import { check, CorruptParquetError, UnsupportedParquetError } from './errors';
import type { KeyBounds } from './key-bounds';
import { checkChunk, type ChunkLocation } from './page';
import { readRowGroups, retainedBytes, type RowGroupArrays, type RowGroups } from './row-groups';
import { readSchema, type FileSchema } from './schema';
import type { Leaf } from './shape';
import { decodeText, ThriftReader, thriftType } from './thrift-reader';

/** The part of a file's metadata that reading needs. */
export interface ParquetFooter extends FileSchema, RowGroupArrays {
  readonly fileBytes: number;
  readonly rows: number;
  readonly createdBy: string;
  /** Statistics of the key column, if `keyColumn` was given and the file has them. */
  readonly keyBounds?: KeyBounds;
  /** Statistics of the columns asked for, by column name; a column without statistics is missing. */
  readonly columnBounds: ReadonlyMap<string, KeyBounds>;
  /** Approximate memory that this value keeps alive, in bytes. */
  readonly retainedBytes: number;
}

export interface FooterOptions extends ReadOptions {
  /** Name, in the schema, of the column whose statistics are kept. */
  readonly keyColumn?: string;
  /** Further columns whose statistics are kept. */
  readonly boundColumns?: readonly string[];
  /**
   * Size of the footer (metadata, length field and magic) in bytes, if it is known. Then one read fetches exactly the
   * footer.
   */
  readonly footerBytes?: number;
  /** CRC-32 of the footer, if it is known. The format itself has none for the footer. */
  readonly footerCrc32?: number;
  /** Bytes to read from the file's end if the footer's size is not known. A longer footer takes a second read. */
  readonly guessBytes?: number;
}

const magic = 'PAR1';
const encryptedMagic = 'PARE';
/** Size of the length field and closing magic, in bytes. */
const trailerBytes = 8;
const maxFooterBytes = 64 << 20;
const defaultGuessBytes = 64 << 10;

/** Reads the footer of a file. @throws ParquetError where the file can't be read */
export async function readFooter(
  source: ByteSource,
  {
    footerBytes,
    footerCrc32,
    guessBytes = defaultGuessBytes,
    keyColumn,
    boundColumns = [],
    ...options
  }: FooterOptions = {},
): Promise<ParquetFooter> {
  const fileBytes = source.bytes;
  check(fileBytes >= magic.length + trailerBytes, () => tooShort(fileBytes));
  const wanted = Math.max(trailerBytes, footerBytes ?? guessBytes);
  const tail = await source.read(
    { start: Math.max(0, fileBytes - wanted), end: fileBytes },
    options,
  );
  const length = footerLength(tail, fileBytes);
  const parse = (footer: Uint8Array): ParquetFooter => {
    checkFooterSum(footer, footerCrc32);
    return parseFooter(footer, fileBytes, keyColumn, boundColumns);
  };
  if (length <= tail.length) return parse(tail.subarray(tail.length - length));
  const rest = await source.read(
    { start: fileBytes - length, end: fileBytes - tail.length },
    options,
  );
  return parse(Buffer.concat([rest, tail]));
}

const tooShort = (fileBytes: number): string =>
  fileBytes === 0
    ? 'the file has no bytes: whoever wrote it was interrupted'
    : `a file of ${fileBytes} bytes is too short to be Parquet`;

export function checkFooterSum(footer: Uint8Array, expected: number | undefined): void {
  if (expected === undefined || !('crc32' in zlib)) return;
  check(zlib.crc32(footer) === expected, () => 'the footer has a wrong checksum');
}

/**
 * Compares a whole file with the checksums of its pages and, if it is given, of its footer. Pages without a checksum
 * are not checked.
 *
 * @throws ParquetError where a checksum is wrong or the file can't be read
 */
export function checkFile(
  file: Uint8Array,
  { footerCrc32 }: Pick<FooterOptions, 'footerCrc32'> = {},
): void {
  const length = footerLength(file, file.length);
  const bytes = file.subarray(file.length - length);
  checkFooterSum(bytes, footerCrc32);
  const footer = parseFooter(bytes, file.length);
  for (let group = 0; group < rowGroupCount(footer); group++)
    for (const leaf of footer.leaves) {
      const location = chunkLocation(footer, group, leaf);
      checkChunk(file.subarray(location.start, location.end), leaf, location);
    }
}

/** Returns the size in bytes of the footer at the end of `tail`, including its length field and magic. */
export function footerLength(tail: Uint8Array, fileBytes: number): number {
  check(tail.length >= trailerBytes, () => tooShort(fileBytes));
  const end = decodeText(tail.subarray(tail.length - magic.length));
  if (end === encryptedMagic)
    throw new UnsupportedParquetError('the file is encrypted: it ends with PARE');
  check(end === magic, () => `the file does not end with ${magic}: it is not Parquet or cut short`);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = view.getUint32(tail.length - trailerBytes, true) + trailerBytes;
  check(
    length + magic.length <= fileBytes,
    () => `the file has ${fileBytes} bytes and claims a footer of ${length}`,
  );
  if (length > maxFooterBytes)
    throw new UnsupportedParquetError(
      `the footer has ${length} bytes; at most ${maxFooterBytes} are read`,
    );
  return length;
}

/**
 * Parses a footer.
 *
 * @param footer metadata, length field and magic, and no more
 * @param keyColumn column whose statistics are kept
 * @param boundColumns further columns whose statistics are kept
 */
export function parseFooter(
  footer: Uint8Array,
  fileBytes: number,
  keyColumn?: string,
  boundColumns: readonly string[] = [],
): ParquetFooter {
  const wantedBounds = [...(keyColumn === undefined ? [] : [keyColumn]), ...boundColumns];
  const reader = new ThriftReader(footer.subarray(0, footer.length - trailerBytes));
  let schema: FileSchema | undefined;
  let rows = -1;
  let createdBy = '';
  let groups: RowGroups | undefined;
  let typeOrder: boolean[] = [];
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    switch (id) {
      case 2:
        schema = readSchema(reader);
        break;
      case 3:
        rows = reader.i64();
        break;
      case 4:
        check(schema !== undefined, () => 'the metadata has row groups before a schema');
        groups = readRowGroups(
          reader,
          schema,
          fileBytes - footer.length,
          wantedBounds.filter((name) => name === keyColumn || isOnce(name, schema)),
        );
        break;
      case 6:
        createdBy = reader.text();
        break;
      case 7:
        typeOrder = readColumnOrders(reader);
        break;
      case 8:
        throw new UnsupportedParquetError('the file is encrypted: its metadata names an algorithm');
      default:
        reader.skip();
    }
  check(schema !== undefined, () => 'the metadata has no schema');
  check(groups !== undefined, () => 'the metadata has no list of row groups');
  const counted = groups.rowStarts.at(-1) ?? 0;
  // Some writers leave 0 there; the number of rows is also checked against the pages.
  check(
    rows === counted || rows === 0,
    () => `the metadata claims ${rows} rows and its row groups have ${counted}`,
  );
  const { bounds, ...arrays } = groups;
  const columnBounds = new Map<string, KeyBounds>();
  for (const builder of bounds) {
    const built = builder.build(typeOrder[builder.leaf.index] ?? false);
    if (built) columnBounds.set(builder.leaf.name, built);
  }
  const keyBounds = keyColumn === undefined ? undefined : columnBounds.get(keyColumn);
  return {
    ...schema,
    ...arrays,
    fileBytes,
    rows: counted,
    createdBy,
    ...(keyBounds && { keyBounds }),
    columnBounds,
    retainedBytes:
      retainedBytes(arrays) +
      [...columnBounds.values()].reduce((sum, each) => sum + each.retainedBytes, 0),
  };
}

const isOnce = (name: string, schema: FileSchema | undefined): boolean =>
  schema?.columns.filter((column) => column.name === name).length === 1;

/**
 * Reads for each leaf whether `min_value` and `max_value` are in the order of its type (parquet.thrift, ColumnOrder).
 */
function readColumnOrders(reader: ThriftReader): boolean[] {
  const typeDefinedOrder = 1;
  const orders: boolean[] = [];
  const count = reader.list(thriftType.struct);
  for (let index = 0; index < count; index++) {
    let known = false;
    for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
      known = id === typeDefinedOrder;
      reader.skip();
    }
    orders.push(known);
  }
  return orders;
}

export function chunkLocation(footer: ParquetFooter, group: number, leaf: Leaf): ChunkLocation {
  const at = group * footer.leaves.length + leaf.index;
  const start = footer.chunkStarts[at];
  if (start === undefined) throw new CorruptParquetError(`the file has no row group ${group}`);
  return {
    start,
    end: start + (footer.chunkBytes[at] ?? 0),
    rows: rowGroupRows(footer, group),
    values: footer.chunkValues[at] ?? 0,
    codec: footer.chunkCodecs[at] ?? 0,
  };
}

/** Returns the range of bytes of all chunks of a row group, end exclusive. */
export function rowGroupRange(
  footer: ParquetFooter,
  group: number,
): { readonly start: number; readonly end: number } {
  const chunks = footer.leaves
    .map((leaf) => chunkLocation(footer, group, leaf))
    .filter(({ values }) => values > 0);
  return {
    start: Math.min(...chunks.map(({ start }) => start)),
    end: Math.max(...chunks.map(({ end }) => end)),
  };
}

export const rowGroupCount = (footer: ParquetFooter): number => footer.rowStarts.length - 1;

export const rowGroupRows = ({ rowStarts }: ParquetFooter, group: number): number =>
  (rowStarts[group + 1] ?? 0) - (rowStarts[group] ?? 0);
