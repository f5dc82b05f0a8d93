import type { ByteSource, ReadOptions } from './byte-source';
import { check, CorruptParquetError, UnsupportedParquetError } from './errors';
import { compareBytes, KeyBoundsBuilder, type KeyBounds } from './key-bounds';
import { physicalTypes, readSchema, type FileSchema, type Leaf } from './schema';
import { decodeText, ThriftReader, thriftType } from './thrift-reader';

/**
 * What reading needs of a file's metadata, in typed arrays: a tenth of the memory of the metadata as objects.
 * Arrays of chunks are indexed by `rowGroup * leaves.length + leaf.index`.
 */
export interface ParquetFooter extends FileSchema {
  readonly fileBytes: number;
  readonly rows: number;
  readonly createdBy: string;
  /** Rows before each row group, and all rows at the end. */
  readonly rowStarts: Float64Array;
  readonly chunkStarts: Float64Array;
  readonly chunkBytes: Uint32Array;
  readonly chunkValues: Uint32Array;
  /** Bytes of a chunk's pages once decompressed. */
  readonly chunkPlainBytes: Uint32Array;
  /** CompressionCodec of parquet.thrift. */
  readonly chunkCodecs: Uint8Array;
  /** Where each chunk's offset index lies; undefined where the file has none. */
  readonly offsetIndexes?: { readonly starts: Float64Array; readonly bytes: Uint32Array };
  /** Statistics of the key column, where it was named and the file has them. */
  readonly keyBounds?: KeyBounds;
  /** About how much memory this value holds on to. */
  readonly retainedBytes: number;
}

export interface FooterOptions extends ReadOptions {
  /** Column whose statistics are kept, by its name in the schema. */
  readonly keyColumn?: string;
  /** Bytes of metadata, length field and magic, where they are known: then one read gets exactly them. */
  readonly footerBytes?: number;
  /** How much to ask for where they are not known. A longer footer takes a second read. */
  readonly guessBytes?: number;
}

const magic = 'PAR1';
const encryptedMagic = 'PARE';
/** Length field and closing magic. */
const trailerBytes = 8;
const maxFooterBytes = 64 << 20;
const defaultGuessBytes = 64 << 10;

/** @throws ParquetError where the file is not one that can be read. */
export async function readFooter(
  source: ByteSource,
  { footerBytes, guessBytes = defaultGuessBytes, keyColumn, ...options }: FooterOptions = {},
): Promise<ParquetFooter> {
  const fileBytes = source.bytes;
  check(
    fileBytes >= magic.length + trailerBytes,
    () => `a file of ${fileBytes} bytes is too short to be Parquet`,
  );
  const wanted = Math.max(trailerBytes, footerBytes ?? guessBytes);
  const tail = await source.read(
    { start: Math.max(0, fileBytes - wanted), end: fileBytes },
    options,
  );
  const length = footerLength(tail, fileBytes);
  if (length <= tail.length)
    return parseFooter(tail.subarray(tail.length - length), fileBytes, keyColumn);
  const rest = await source.read(
    { start: fileBytes - length, end: fileBytes - tail.length },
    options,
  );
  return parseFooter(Buffer.concat([rest, tail]), fileBytes, keyColumn);
}

/** Bytes of the footer that ends `tail`, its length field and magic included. */
export function footerLength(tail: Uint8Array, fileBytes: number): number {
  check(
    tail.length >= trailerBytes,
    () => `a file of ${tail.length} bytes is too short to be Parquet`,
  );
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
 * @param footer metadata, length field and magic, and no more.
 * @param keyColumn column whose statistics are kept.
 */
export function parseFooter(
  footer: Uint8Array,
  fileBytes: number,
  keyColumn?: string,
): ParquetFooter {
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
        groups = readRowGroups(reader, schema, fileBytes - footer.length, keyColumn);
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
  check(
    rows === counted,
    () => `the metadata claims ${rows} rows and its row groups have ${counted}`,
  );
  const { bounds, ...arrays } = groups;
  const keyBounds = bounds?.build(typeOrder[bounds.leaf.index] ?? false);
  return {
    ...schema,
    ...arrays,
    fileBytes,
    rows,
    createdBy,
    ...(keyBounds && { keyBounds }),
    retainedBytes: retainedBytes(arrays) + (keyBounds?.retainedBytes ?? 0),
  };
}

type ChunkArrays = Omit<
  ParquetFooter,
  'root' | 'leaves' | 'fileBytes' | 'rows' | 'createdBy' | 'keyBounds' | 'retainedBytes'
>;
type RowGroups = ChunkArrays & { readonly bounds?: KeyBoundsBuilder };

/** For objects and names around the arrays. */
const fixedFooterBytes = 16 << 10;

const retainedBytes = (arrays: ChunkArrays): number =>
  fixedFooterBytes +
  arrays.rowStarts.byteLength +
  arrays.chunkStarts.byteLength +
  arrays.chunkBytes.byteLength +
  arrays.chunkValues.byteLength +
  arrays.chunkPlainBytes.byteLength +
  arrays.chunkCodecs.byteLength +
  (arrays.offsetIndexes?.starts.byteLength ?? 0) +
  (arrays.offsetIndexes?.bytes.byteLength ?? 0);

interface ChunkFields {
  start: number;
  bytes: number;
  values: number;
  plainBytes: number;
  codec: number;
  offsetIndexStart: number;
  offsetIndexBytes: number;
}

function readRowGroups(
  reader: ThriftReader,
  { leaves }: FileSchema,
  dataEnd: number,
  keyColumn: string | undefined,
): RowGroups {
  const count = reader.list(thriftType.struct);
  const size = count * leaves.length;
  // A chunk takes two bytes at the very least, so no more is allocated than the footer can hold.
  check(size <= reader.bytes.length, () => `the metadata claims ${count} row groups`);
  const rowStarts = new Float64Array(count + 1);
  const chunkStarts = new Float64Array(size);
  const chunkBytes = new Uint32Array(size);
  const chunkValues = new Uint32Array(size);
  const chunkPlainBytes = new Uint32Array(size);
  const chunkCodecs = new Uint8Array(size);
  let offsetIndexes: { starts: Float64Array; bytes: Uint32Array } | undefined;
  const keyLeaf = leaves.find(({ name }) => name === keyColumn);
  const bounds = keyLeaf && new KeyBoundsBuilder(keyLeaf, count);

  const readColumns = (group: number): void => {
    const columns = reader.list(thriftType.struct);
    check(
      columns === leaves.length,
      () => `row group ${group} has ${columns} columns, the schema ${leaves.length}`,
    );
    for (const leaf of leaves) {
      const chunk = readChunk(reader, leaf, group, bounds?.leaf === leaf ? bounds : undefined);
      const where = (): string => `column "${leaf.name}" of row group ${group}`;
      check(
        chunk.start >= magic.length && chunk.bytes >= 0 && chunk.start + chunk.bytes <= dataEnd,
        () =>
          `${where()} claims bytes ${chunk.start} to ${chunk.start + chunk.bytes} of a file whose data end at ${dataEnd}`,
      );
      check(
        chunk.values >= 0 && chunk.values <= maxUint32 && chunk.plainBytes >= 0,
        () => `${where()} claims ${chunk.values} values in ${chunk.plainBytes} bytes`,
      );
      if (chunk.bytes > maxUint32)
        throw new UnsupportedParquetError(`${where()} has ${chunk.bytes} bytes`);
      const at = group * leaves.length + leaf.index;
      chunkStarts[at] = chunk.start;
      chunkBytes[at] = chunk.bytes;
      chunkValues[at] = chunk.values;
      chunkPlainBytes[at] = Math.min(chunk.plainBytes, maxUint32);
      chunkCodecs[at] = chunk.codec;
      if (chunk.offsetIndexBytes > 0) {
        offsetIndexes ??= { starts: new Float64Array(size), bytes: new Uint32Array(size) };
        offsetIndexes.starts[at] = chunk.offsetIndexStart;
        offsetIndexes.bytes[at] = chunk.offsetIndexBytes;
      }
    }
  };

  for (let group = 0; group < count; group++) {
    let rows = -1;
    let hasColumns = false;
    for (let id = reader.field(0); id !== 0; id = reader.field(id))
      if (id === 1) {
        readColumns(group);
        hasColumns = true;
      } else if (id === 3) rows = reader.i64();
      else reader.skip();
    check(
      hasColumns && rows >= 0 && rows <= maxUint32,
      () => `row group ${group} claims ${rows} rows`,
    );
    rowStarts[group + 1] = (rowStarts[group] ?? 0) + rows;
    for (const leaf of leaves) {
      const values = chunkValues[group * leaves.length + leaf.index] ?? 0;
      check(
        leaf.maxRepetition > 0 || values === rows,
        () => `column "${leaf.name}" of row group ${group} has ${values} values in ${rows} rows`,
      );
    }
  }
  return {
    rowStarts,
    chunkStarts,
    chunkBytes,
    chunkValues,
    chunkPlainBytes,
    chunkCodecs,
    ...(offsetIndexes && { offsetIndexes }),
    ...(bounds && { bounds }),
  };
}

const maxUint32 = 2 ** 32 - 1;

function readChunk(
  reader: ThriftReader,
  leaf: Leaf,
  group: number,
  bounds: KeyBoundsBuilder | undefined,
): ChunkFields {
  const chunk: ChunkFields = {
    start: -1,
    bytes: -1,
    values: -1,
    plainBytes: -1,
    codec: 0,
    offsetIndexStart: 0,
    offsetIndexBytes: 0,
  };
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    switch (id) {
      case 1:
        throw new UnsupportedParquetError('the file keeps columns in other files');
      case 3:
        readChunkMetadata(reader, chunk, leaf, group, bounds);
        break;
      case 4:
        chunk.offsetIndexStart = reader.i64();
        break;
      case 5:
        chunk.offsetIndexBytes = reader.i32();
        break;
      case 8:
        throw new UnsupportedParquetError(`column "${leaf.name}" is encrypted`);
      default:
        reader.skip();
    }
  check(
    chunk.start >= 0 || chunk.bytes >= 0,
    () => `column "${leaf.name}" of row group ${group} has no metadata`,
  );
  return chunk;
}

function readChunkMetadata(
  reader: ThriftReader,
  chunk: ChunkFields,
  leaf: Leaf,
  group: number,
  bounds: KeyBoundsBuilder | undefined,
): void {
  let dataPages = -1;
  let dictionaryPage = 0;
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    switch (id) {
      case 1:
        if (physicalTypes[reader.i32()] !== leaf.type.physical) throw notOfSchema(leaf, group);
        break;
      case 3:
        if (!readsPath(reader, leaf)) throw notOfSchema(leaf, group);
        break;
      case 4:
        chunk.codec = reader.i32() & 0xff;
        break;
      case 5:
        chunk.values = reader.i64();
        break;
      case 6:
        chunk.plainBytes = reader.i64();
        break;
      case 7:
        chunk.bytes = reader.i64();
        break;
      case 9:
        dataPages = reader.i64();
        break;
      case 11:
        dictionaryPage = reader.i64();
        break;
      case 12:
        if (bounds) bounds.read(reader, group);
        else reader.skip();
        break;
      default:
        reader.skip();
    }
  // Some writers put 0 where there is no dictionary, some leave the offset out where there is one.
  chunk.start = dictionaryPage > 0 ? Math.min(dictionaryPage, dataPages) : dataPages;
}

const notOfSchema = ({ name }: Leaf, group: number): CorruptParquetError =>
  new CorruptParquetError(`row group ${group} has another column in the place of "${name}"`);

/** Whether a column chunk names the leaf. */
function readsPath(reader: ThriftReader, { pathBytes }: Leaf): boolean {
  const count = reader.list(thriftType.binary);
  let same = count === pathBytes.length;
  for (let index = 0; index < count; index++) {
    const name = reader.binary();
    const expected = pathBytes[index];
    same &&= expected !== undefined && compareBytes(name, expected) === 0;
    reader.type = thriftType.binary;
  }
  return same;
}

/** Whether each leaf's `min_value` and `max_value` are in the order of its type (parquet.thrift, ColumnOrder). */
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

/** Where a chunk's pages lie. */
export interface ChunkLocation {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly values: number;
  readonly plainBytes: number;
  readonly codec: number;
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
    plainBytes: footer.chunkPlainBytes[at] ?? 0,
    codec: footer.chunkCodecs[at] ?? 0,
  };
}

export const rowGroupCount = (footer: ParquetFooter): number => footer.rowStarts.length - 1;

export const rowGroupRows = ({ rowStarts }: ParquetFooter, group: number): number =>
  (rowStarts[group + 1] ?? 0) - (rowStarts[group] ?? 0);

/** The columns of the file, as a table shows them: the children of the schema's root. */
export const columnNames = ({ root }: FileSchema): readonly string[] =>
  root.children.map(({ element }) => element.name);
