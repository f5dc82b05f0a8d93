import { crc32 } from 'node:zlib';
import {
  readThrift,
  thriftType,
  writeThrift,
  type ThriftStruct,
  type ThriftValue,
} from '@sluice/parquet-reading/thrift';

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
/** Length field and closing magic. */
const trailerBytes = 8;

/**
 * Writes a Parquet file again with a CRC-32 in the header of every page, as the format has it (parquet.thrift, `PageHeader.crc`):
 * parquet-wasm writes none. The pages themselves are not touched; what says where they lie follows them.
 *
 * @param file by parquet-wasm: the chunks one after the other, then page indexes, then the footer
 */
export function withPageChecksums(file: Uint8Array): Uint8Array {
  const footerEnd = file.length - trailerBytes;
  const footerStart = footerEnd - Buffer.from(file.buffer, file.byteOffset).readUInt32LE(footerEnd);
  const { struct: footer } = readThrift(file.subarray(0, footerEnd), footerStart);
  const out = new FileParts();
  out.append(file.subarray(0, magicBytes));
  const groups = structsOf(footer.get(fileMetadata.rowGroups)).map((group) =>
    copyPages(group, file, out),
  );
  // The indexes of all row groups lie between the pages and the footer.
  const indexed = groups.map(({ group, chunks }) =>
    withStructs(
      group,
      rowGroup.columns,
      chunks.map((chunk) => copyIndexes(chunk, file, out)),
    ),
  );
  const footerBytes = writeThrift(withStructs(footer, fileMetadata.rowGroups, indexed));
  const length = Buffer.alloc(magicBytes);
  length.writeUInt32LE(footerBytes.length);
  out.append(footerBytes);
  out.append(length);
  out.append(file.subarray(file.length - magicBytes));
  return out.joined();
}

/** The parts of a file that is being written. */
class FileParts {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  append(part: Uint8Array): void {
    this.#parts.push(part);
    this.length += part.length;
  }

  joined(): Uint8Array {
    const whole = new Uint8Array(this.length);
    let offset = 0;
    for (const part of this.#parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  }
}

/** The place of a page with its header before and after checksums were added. */
interface MovedPage {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

interface CopiedChunk {
  readonly chunk: ThriftStruct;
  readonly pages: readonly MovedPage[];
}

function copyPages(
  group: ThriftStruct,
  file: Uint8Array,
  out: FileParts,
): { readonly group: ThriftStruct; readonly chunks: readonly CopiedChunk[] } {
  const groupStart = out.length;
  let grown = 0;
  const chunks = structsOf(group.get(rowGroup.columns)).map((chunk) => {
    const copied = copyChunk(chunk, file, out);
    grown += copied.grown;
    return copied;
  });
  return {
    group: changed(group, [
      [rowGroup.totalBytes, (bytes) => bytes + grown],
      [rowGroup.compressedBytes, (bytes) => bytes + grown],
      [rowGroup.fileOffset, () => groupStart],
    ]),
    chunks,
  };
}

function copyChunk(
  chunk: ThriftStruct,
  file: Uint8Array,
  out: FileParts,
): CopiedChunk & { readonly grown: number } {
  const metadata = structOf(chunk.get(columnChunk.metadata));
  const dataPages = numberOf(metadata.get(chunkMetadata.dataPageOffset)) ?? 0;
  const dictionary = numberOf(metadata.get(chunkMetadata.dictionaryPageOffset)) ?? dataPages;
  const start = Math.min(dataPages, dictionary);
  const end = start + (numberOf(metadata.get(chunkMetadata.compressedBytes)) ?? 0);
  if (metadata.has(chunkMetadata.bloomFilterOffset))
    throw new Error('a file with bloom filters can not be given checksums');
  const pages: MovedPage[] = [];
  const newStart = out.length;
  for (let at = start; at < end;) {
    const { struct, end: contentStart } = readThrift(file, at);
    const contentEnd = contentStart + (numberOf(struct.get(pageHeader.compressedBytes)) ?? 0);
    const content = file.subarray(contentStart, contentEnd);
    const header = writeThrift(withChecksum(struct, crc32(content)));
    pages.push({ from: at, to: out.length, bytes: header.length + content.length });
    out.append(header);
    out.append(content);
    at = contentEnd;
  }
  const grown = out.length - newStart - (end - start);
  const moved = (offset: number): number => pages.find(({ from }) => from === offset)?.to ?? offset;
  const newMetadata = changed(metadata, [
    [chunkMetadata.plainBytes, (bytes) => bytes + grown],
    [chunkMetadata.compressedBytes, (bytes) => bytes + grown],
    [chunkMetadata.dataPageOffset, moved],
    [chunkMetadata.dictionaryPageOffset, moved],
  ]);
  return {
    chunk: new Map([
      ...changed(chunk, [[columnChunk.fileOffset, moved]]),
      [columnChunk.metadata, { type: thriftType.struct, fields: newMetadata }],
    ]),
    pages,
    grown,
  };
}

/** Fields are written in the order of their numbers. */
function withChecksum(header: ThriftStruct, checksum: number): ThriftStruct {
  const crc: ThriftValue = { type: thriftType.i32, value: BigInt(checksum | 0) };
  return new Map([...header, [pageHeader.crc, crc] as const].toSorted(([a], [b]) => a - b));
}

function copyIndexes(
  { chunk, pages }: CopiedChunk,
  file: Uint8Array,
  out: FileParts,
): ThriftStruct {
  const slice = (offset: number, bytes: number): Uint8Array | undefined => {
    const start = numberOf(chunk.get(offset));
    return start === undefined
      ? undefined
      : file.subarray(start, start + (numberOf(chunk.get(bytes)) ?? 0));
  };
  const columnIndexBytes = slice(columnChunk.columnIndexOffset, columnChunk.columnIndexBytes);
  const columnIndexOffset = out.length;
  if (columnIndexBytes) out.append(columnIndexBytes);
  const oldOffsetIndex = slice(columnChunk.offsetIndexOffset, columnChunk.offsetIndexBytes);
  const offsetIndexOffset = out.length;
  if (oldOffsetIndex) out.append(movedOffsetIndex(oldOffsetIndex, pages));
  return changed(chunk, [
    [columnChunk.columnIndexOffset, () => columnIndexOffset],
    [columnChunk.offsetIndexOffset, () => offsetIndexOffset],
    [columnChunk.offsetIndexBytes, () => out.length - offsetIndexOffset],
  ]);
}

function movedOffsetIndex(bytes: Uint8Array, pages: readonly MovedPage[]): Uint8Array {
  const { struct } = readThrift(bytes);
  const locations = structsOf(struct.get(offsetIndex.pages)).map((location) => {
    const from = numberOf(location.get(pageLocation.offset));
    const page = pages.find((candidate) => candidate.from === from);
    if (!page) throw new Error(`the page index points at byte ${from}, where no page begins`);
    return changed(location, [
      [pageLocation.offset, () => page.to],
      [pageLocation.compressedBytes, () => page.bytes],
    ]);
  });
  return writeThrift(withStructs(struct, offsetIndex.pages, locations));
}

/** The struct with other numbers in some fields; one that it does not have stays away. */
function changed(
  struct: ThriftStruct,
  changes: readonly (readonly [field: number, change: (value: number) => number])[],
): ThriftStruct {
  const copy = new Map(struct);
  for (const [field, change] of changes) {
    const value = struct.get(field);
    const number = numberOf(value);
    if (value && number !== undefined)
      copy.set(field, { ...value, value: BigInt(change(number)) } as ThriftValue);
  }
  return copy;
}

const withStructs = (
  struct: ThriftStruct,
  field: number,
  items: readonly ThriftStruct[],
): ThriftStruct =>
  new Map([
    ...struct,
    [
      field,
      {
        type: thriftType.list,
        itemType: thriftType.struct,
        items: items.map((fields) => ({ type: thriftType.struct, fields })),
      },
    ],
  ]);

const numberOf = (value: ThriftValue | undefined): number | undefined =>
  value && 'value' in value && typeof value.value === 'bigint' ? Number(value.value) : undefined;

function structOf(value: ThriftValue | undefined): ThriftStruct {
  if (value?.type !== thriftType.struct) throw new Error('a struct is missing in the metadata');
  return value.fields;
}

const structsOf = (value: ThriftValue | undefined): readonly ThriftStruct[] =>
  value && 'items' in value ? value.items.map(structOf) : [];
