import { check, CorruptParquetError, UnsupportedParquetError } from './errors';
import { compareBytes, KeyBoundsBuilder } from './key-bounds';
import { columnLeaf, physicalTypes, type FileSchema } from './schema';
import type { Leaf } from './shape';
import { thriftType, type ThriftReader } from './thrift-reader';

/**
 * Positions of the column chunks of all row groups, in typed arrays, which take a fifteenth of the memory of the
 * metadata as objects. Arrays of chunks are indexed by `rowGroup * leaves.length + leaf.index`.
 */
export interface RowGroupArrays {
  /** Number of rows before each row group, followed by the number of all rows. */
  readonly rowStarts: Float64Array;
  readonly chunkStarts: Float64Array;
  readonly chunkBytes: Uint32Array;
  readonly chunkValues: Uint32Array;
  /** CompressionCodec of parquet.thrift. */
  readonly chunkCodecs: Uint8Array;
  /** Position of each chunk's offset index; undefined where the file has none. */
  readonly offsetIndexes?: { readonly starts: Float64Array; readonly bytes: Uint32Array };
}

/** Row groups as read, with the unprocessed statistics of some columns. */
export type RowGroups = RowGroupArrays & { readonly bounds: readonly KeyBoundsBuilder[] };

interface ChunkFields {
  start: number;
  bytes: number;
  values: number;
  plainBytes: number;
  codec: number;
  offsetIndexStart: number;
  offsetIndexBytes: number;
}

/**
 * Reads the list of row groups.
 *
 * @param dataEnd start of the footer, beyond which no chunk may reach
 * @param boundColumns columns whose statistics are kept; those that the file does not have are ignored
 */
export function readRowGroups(
  reader: ThriftReader,
  schema: FileSchema,
  dataEnd: number,
  boundColumns: readonly string[],
): RowGroups {
  const { leaves } = schema;
  const count = reader.list(thriftType.struct);
  const size = count * leaves.length;
  // A chunk takes at least two bytes, so nothing is allocated that the footer can't hold.
  check(size <= reader.bytes.length, () => `the metadata claims ${count} row groups`);
  const rowStarts = new Float64Array(count + 1);
  const chunkStarts = new Float64Array(size);
  const chunkBytes = new Uint32Array(size);
  const chunkValues = new Uint32Array(size);
  const chunkCodecs = new Uint8Array(size);
  let offsetIndexes: { starts: Float64Array; bytes: Uint32Array } | undefined;
  const bounds = new Map<Leaf, KeyBoundsBuilder>();
  for (const name of boundColumns) {
    const leaf = columnLeaf(schema, name);
    if (leaf) bounds.set(leaf, new KeyBoundsBuilder(leaf, count));
  }

  const readColumns = (group: number): void => {
    const columns = reader.list(thriftType.struct);
    check(
      columns === leaves.length,
      () => `row group ${group} has ${columns} columns, the schema ${leaves.length}`,
    );
    for (const leaf of leaves) {
      const chunk = readChunk(reader, leaf, group, bounds.get(leaf));
      const where = (): string => `column "${leaf.name}" of row group ${group}`;
      // Writers give any position for a chunk without values.
      if (chunk.values === 0) chunk.start = chunk.bytes = chunk.offsetIndexBytes = 0;
      check(
        chunk.values === 0 ||
          (chunk.start >= leadingMagicBytes &&
            chunk.bytes >= 0 &&
            chunk.start + chunk.bytes <= dataEnd),
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
    chunkCodecs,
    ...(offsetIndexes && { offsetIndexes }),
    bounds: [...bounds.values()],
  };
}

/** Size of the magic PAR1 at the beginning of a file, in bytes. */
const leadingMagicBytes = 4;
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
  check(chunk.values >= 0, () => `column "${leaf.name}" of row group ${group} has no metadata`);
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
  // Some writers put 0 where there is no dictionary; some leave the offset out where there is one.
  chunk.start = dictionaryPage > 0 ? Math.min(dictionaryPage, dataPages) : dataPages;
}

const notOfSchema = ({ name }: Leaf, group: number): CorruptParquetError =>
  new CorruptParquetError(`row group ${group} has another column in the place of "${name}"`);

/** Reads a column chunk's path and decides whether it is the leaf's. */
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

/** Estimated bytes of the objects and names around the arrays. */
const fixedFooterBytes = 16 << 10;

export const retainedBytes = (arrays: RowGroupArrays): number =>
  fixedFooterBytes +
  arrays.rowStarts.byteLength +
  arrays.chunkStarts.byteLength +
  arrays.chunkBytes.byteLength +
  arrays.chunkValues.byteLength +
  arrays.chunkCodecs.byteLength +
  (arrays.offsetIndexes?.starts.byteLength ?? 0) +
  (arrays.offsetIndexes?.bytes.byteLength ?? 0);
