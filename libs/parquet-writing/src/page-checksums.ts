import { crc32 } from 'node:zlib';
import { ThriftReader, thriftType } from '@sluice/parquet-reading/thrift';

/** Field numbers of parquet-format's parquet.thrift. */
const fileMetadata = { rowGroups: 4 } as const;
const rowGroup = { columns: 1, totalBytes: 2, fileOffset: 5, compressedBytes: 6 } as const;
const columnChunk = {
  fileOffset: 2,
  metadata: 3,
  offsetIndexOffset: 4,
  offsetIndexBytes: 5,
  columnIndexOffset: 6,
  columnIndexBytes: 7,
} as const;
const chunkMetadata = {
  plainBytes: 6,
  compressedBytes: 7,
  dataPageOffset: 9,
  dictionaryPageOffset: 11,
  bloomFilterOffset: 14,
} as const;
const pageHeader = { compressedBytes: 3, crc: 4 } as const;
const offsetIndex = { pages: 1 } as const;
const pageLocation = { offset: 1, compressedBytes: 2 } as const;

const magicBytes = 4;
/** Size of the length field and closing magic, in bytes. */
const trailerBytes = 8;

/**
 * Rewrites a Parquet file with a CRC-32 in the header of every page (parquet.thrift, `PageHeader.crc`), because
 * parquet-wasm writes none. The pages themselves are not changed; the offsets that point to them are.
 *
 * @param file by parquet-wasm: the chunks one after the other, then page indexes, then the footer
 */
export function withPageChecksums(file: Uint8Array): Uint8Array {
  const footerEnd = file.length - trailerBytes;
  const footerStart = footerEnd - Buffer.from(file.buffer, file.byteOffset).readUInt32LE(footerEnd);
  const footer = file.subarray(0, footerEnd);
  const groups = readGroups(new ThriftReader(footer, footerStart));
  const sink = new ByteSink(file.length);
  const moved = new Map<number, MovedPage>();
  sink.copy(file, 0, magicBytes);
  const groupStarts = groups.map((chunks) => {
    const { length } = sink;
    for (const chunk of chunks) copyPages(chunk, file, sink, moved);
    return length;
  });
  // The indexes of all row groups lie between the pages and the footer.
  for (const chunk of groups.flat()) copyIndexes(chunk, file, sink, moved);

  const newFooterStart = sink.length;
  rewriteStruct(new ThriftReader(footer, footerStart), sink, {
    [fileMetadata.rowGroups]: (group: number) =>
      groupChanges(groups[group] ?? [], groupStarts[group] ?? 0, moved),
  });
  sink.uint32(sink.length - newFooterStart);
  sink.copy(file, file.length - magicBytes, file.length);
  return sink.finish();
}

/** New place of a page and its header, after checksums were added. */
interface MovedPage {
  readonly to: number;
  readonly bytes: number;
}

/** A column chunk of the original file and its new place. */
interface Chunk {
  start: number;
  bytes: number;
  columnIndexOffset: number | undefined;
  columnIndexBytes: number;
  offsetIndexOffset: number | undefined;
  offsetIndexBytes: number;
  grown: number;
}

function readGroups(reader: ThriftReader): readonly (readonly Chunk[])[] {
  const groups: (readonly Chunk[])[] = [];
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id !== fileMetadata.rowGroups) reader.skip();
    else
      for (let left = reader.list(thriftType.struct); left > 0; left--)
        groups.push(readChunks(reader));
  return groups;
}

function readChunks(reader: ThriftReader): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id !== rowGroup.columns) reader.skip();
    else
      for (let left = reader.list(thriftType.struct); left > 0; left--)
        chunks.push(readChunk(reader));
  return chunks;
}

function readChunk(reader: ThriftReader): Chunk {
  const chunk: Chunk = {
    start: 0,
    bytes: 0,
    columnIndexOffset: undefined,
    columnIndexBytes: 0,
    offsetIndexOffset: undefined,
    offsetIndexBytes: 0,
    grown: 0,
  };
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id === columnChunk.metadata) readMetadata(reader, chunk);
    else if (id === columnChunk.columnIndexOffset) chunk.columnIndexOffset = reader.i64();
    else if (id === columnChunk.columnIndexBytes) chunk.columnIndexBytes = reader.i32();
    else if (id === columnChunk.offsetIndexOffset) chunk.offsetIndexOffset = reader.i64();
    else if (id === columnChunk.offsetIndexBytes) chunk.offsetIndexBytes = reader.i32();
    else reader.skip();
  return chunk;
}

function readMetadata(reader: ThriftReader, chunk: Chunk): void {
  let start = Infinity;
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id === chunkMetadata.compressedBytes) chunk.bytes = reader.i64();
    else if (id === chunkMetadata.dataPageOffset || id === chunkMetadata.dictionaryPageOffset)
      start = Math.min(start, reader.i64());
    else if (id === chunkMetadata.bloomFilterOffset)
      throw new Error('a file with bloom filters can not be given checksums');
    else reader.skip();
  chunk.start = start;
}

function copyPages(
  chunk: Chunk,
  file: Uint8Array,
  sink: ByteSink,
  moved: Map<number, MovedPage>,
): void {
  const to = sink.length;
  const end = chunk.start + chunk.bytes;
  for (let at = chunk.start; at < end;) {
    const { length } = sink;
    const header = readPageHeader(file, at);
    const pageEnd = header.end + header.contentBytes;
    sink.copy(file, at, header.crcAt);
    sink.byte(fieldByte(pageHeader.crc - pageHeader.compressedBytes, thriftType.i32));
    sink.zigzag(crc32(file.subarray(header.end, pageEnd)) | 0);
    const next = file[header.crcAt] as number;
    // What follows counts from the new field.
    sink.byte(next === 0 ? 0 : next - fieldByte(1, 0));
    sink.copy(file, header.crcAt + 1, pageEnd);
    moved.set(at, { to: length, bytes: sink.length - length });
    at = pageEnd;
  }
  chunk.grown = sink.length - to - chunk.bytes;
}

/** Reads a page's header: how many bytes follow it, and where the checksum field belongs. */
function readPageHeader(
  file: Uint8Array,
  start: number,
): { readonly end: number; readonly contentBytes: number; readonly crcAt: number } {
  const reader = new ThriftReader(file, start);
  let contentBytes = 0;
  let crcAt: number | undefined;
  for (let id = 0; ;) {
    const at = reader.offset;
    id = reader.field(id);
    if (id === 0 || id > pageHeader.crc) crcAt ??= at;
    if (id === 0) return { end: reader.offset, contentBytes, crcAt: crcAt ?? at };
    if (id === pageHeader.crc) throw new Error('a page has a checksum already');
    if (id === pageHeader.compressedBytes) contentBytes = reader.i32();
    else reader.skip();
  }
}

/**
 * Returns the first byte of a field in Thrift's compact protocol: the difference between its number and the one
 * before, and its type.
 */
const fieldByte = (distance: number, type: number): number => (distance << 4) | type;

function copyIndexes(
  chunk: Chunk,
  file: Uint8Array,
  sink: ByteSink,
  moved: ReadonlyMap<number, MovedPage>,
): void {
  const { columnIndexOffset, columnIndexBytes, offsetIndexOffset } = chunk;
  if (columnIndexOffset !== undefined) {
    chunk.columnIndexOffset = sink.length;
    sink.copy(file, columnIndexOffset, columnIndexOffset + columnIndexBytes);
  }
  if (offsetIndexOffset === undefined) return;
  chunk.offsetIndexOffset = sink.length;
  rewriteStruct(new ThriftReader(file, offsetIndexOffset), sink, {
    [offsetIndex.pages]: () => {
      let page: MovedPage | undefined;
      return {
        [pageLocation.offset]: (from) => {
          page = moved.get(from);
          if (!page) throw new Error(`the page index points at byte ${from}, where no page begins`);
          return page.to;
        },
        [pageLocation.compressedBytes]: (bytes) => page?.bytes ?? bytes,
      };
    },
  });
  chunk.offsetIndexBytes = sink.length - chunk.offsetIndexOffset;
}

function groupChanges(
  chunks: readonly Chunk[],
  start: number,
  moved: ReadonlyMap<number, MovedPage>,
): Changes {
  const grown = chunks.reduce((sum, chunk) => sum + chunk.grown, 0);
  return {
    [rowGroup.columns]: (column) => chunkChanges(chunks[column], moved),
    [rowGroup.totalBytes]: (bytes) => bytes + grown,
    [rowGroup.compressedBytes]: (bytes) => bytes + grown,
    [rowGroup.fileOffset]: () => start,
  };
}

function chunkChanges(chunk: Chunk | undefined, moved: ReadonlyMap<number, MovedPage>): Changes {
  if (!chunk) return {};
  const { grown, columnIndexOffset, offsetIndexOffset, offsetIndexBytes } = chunk;
  const movedTo = (offset: number): number => moved.get(offset)?.to ?? offset;
  return {
    [columnChunk.fileOffset]: movedTo,
    [columnChunk.metadata]: {
      [chunkMetadata.plainBytes]: (bytes) => bytes + grown,
      [chunkMetadata.compressedBytes]: (bytes) => bytes + grown,
      [chunkMetadata.dataPageOffset]: movedTo,
      [chunkMetadata.dictionaryPageOffset]: movedTo,
    },
    [columnChunk.columnIndexOffset]: (offset) => columnIndexOffset ?? offset,
    [columnChunk.offsetIndexOffset]: (offset) => offsetIndexOffset ?? offset,
    [columnChunk.offsetIndexBytes]: () => offsetIndexBytes,
  };
}

/**
 * Changes to a struct's fields, by field number: the new value of a number, the changes of a nested struct, or the
 * changes of each struct in a list. A field that the struct does not have is not added.
 */
interface Changes {
  readonly [field: number]: Changes | ((value: number) => number | Changes);
}

/** Copies a struct of Thrift's compact protocol with changes. Everything else stays the same, byte for byte. */
function rewriteStruct(reader: ThriftReader, sink: ByteSink, changes: Changes): void {
  let copied = reader.offset;
  for (let id = 0; ;) {
    id = reader.field(id);
    if (id === 0) break;
    const change = changes[id];
    if (change === undefined) {
      reader.skip();
      continue;
    }
    const isList = reader.type === thriftType.list;
    const isNumber = reader.type === thriftType.i32 || reader.type === thriftType.i64;
    const items = isList ? reader.list(thriftType.struct) : 0;
    sink.copy(reader.bytes, copied, reader.offset);
    if (typeof change === 'object') rewriteStruct(reader, sink, change);
    else if (isList)
      for (let index = 0; index < items; index++)
        rewriteStruct(reader, sink, change(index) as Changes);
    else if (isNumber)
      sink.zigzag(change(reader.type === thriftType.i32 ? reader.i32() : reader.i64()) as number);
    else throw new Error(`the metadata has a field ${id} of the unexpected type ${reader.type}`);
    copied = reader.offset;
  }
  sink.copy(reader.bytes, copied, reader.offset);
}

/** Bytes reserved for what the checksums add to a file. */
const spareBytes = 64 * 1024;

/** Buffer for a file that is being written. */
class ByteSink {
  #bytes: Uint8Array;
  length = 0;

  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(expectedBytes + spareBytes);
  }

  #room(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + bytes, this.#bytes.length * 1.5));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  copy(source: Uint8Array, start: number, end: number): void {
    this.#room(end - start);
    this.#bytes.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  byte(byte: number): void {
    this.#room(1);
    this.#bytes[this.length++] = byte;
  }

  uint32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  /** Writes an integer below 2^52 as Thrift's compact protocol does. */
  zigzag(value: number): void {
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    this.byte(rest);
  }

  /** Returns the bytes written so far as a view; the memory behind it is hardly larger. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}
