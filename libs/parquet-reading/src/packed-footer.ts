// The part of a file's footer that a look-up needs, in a few bytes for each row group instead of some hundred, so
// that it fits beside the file's name in a manifest: the schema, the positions of the chunks, and the key bounds of
// each row group.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { check, CorruptParquetError } from './errors';
import {
  checkFooterSum,
  footerLength,
  parseFooter,
  rowGroupCount,
  rowGroupRows,
  type ParquetFooter,
} from './footer';
import {
  byteBounds,
  compareBytes,
  integerKeyBounds,
  type KeyBounds,
  type RawBounds,
} from './key-bounds';
import { smallChunkBytes } from './offset-index';
import { PackReader, PackWriter } from './pack';
import { retainedBytes } from './row-groups';
import { readSchema, type FileSchema } from './schema';
import { ThriftReader, thriftType } from './thrift-reader';

/** First byte of a packed footer. A reader that does not know this form reads the file's own footer instead. */
const packVersion = 1;
/** Largest size of a pack once it is inflated; those of compacted files take some 10 KB. */
const maxPlainBytes = 16 << 20;
/** Offset of a file's first chunk, after the magic PAR1. */
const firstChunkStart = 4;

const boundsForm = { none: 0, separators: 1, bytes: 2, integers: 3 } as const;

export interface PackFooterOptions {
  /** Size of the whole file in bytes. */
  readonly fileBytes: number;
  /** Column whose bounds are packed. If the file has no statistics for it, neither has the pack. */
  readonly keyColumn: string;
  /** Further columns, of integers or times, whose bounds are packed. @default none */
  readonly boundColumns?: readonly string[];
  /** CRC-32 of the footer, if it is known. */
  readonly footerCrc32?: number;
}

/**
 * Packs the part of a footer that {@link unpackFooter} restores: 10 to 30 bytes for each row group.
 *
 * Where the row groups are sorted by key, a group's lower bound is replaced by the shortest text that separates it
 * from the group before. A key in the gap between two groups then counts as one that the earlier group may hold.
 *
 * @param footer metadata, length field and magic, and no more
 * @throws ParquetError where the footer can't be read
 */
export function packFooter(
  footer: Uint8Array,
  { fileBytes, keyColumn, boundColumns = [], footerCrc32 }: PackFooterOptions,
): Uint8Array {
  const length = footerLength(footer, fileBytes);
  check(length === footer.length, () => `the footer has ${length} bytes, not ${footer.length}`);
  checkFooterSum(footer, footerCrc32);
  const parsed = parseFooter(footer, fileBytes, keyColumn, boundColumns);
  const { leaves } = parsed;
  const groups = rowGroupCount(parsed);
  const writer = new PackWriter();
  writer.count(fileBytes);
  writer.count(groups);
  writer.bytes(Buffer.from(parsed.createdBy));
  writer.bytes(schemaBytes(footer));
  writer.bytes(Buffer.from(keyColumn));
  for (let group = 0, before = 0; group < groups; group++) {
    const rows = rowGroupRows(parsed, group);
    writer.difference(rows - before);
    before = rows;
  }
  for (const { index } of leaves)
    for (let group = 0, before = 0; group < groups; group++) {
      const bytes = parsed.chunkBytes[group * leaves.length + index] ?? 0;
      writer.difference(bytes - before);
      before = bytes;
    }
  for (const { index } of leaves)
    for (let group = 0; group < groups; group++) {
      const at = group * leaves.length + index;
      writer.difference((parsed.chunkValues[at] ?? 0) - rowGroupRows(parsed, group));
    }
  for (const { index } of leaves)
    for (let group = 0; group < groups; group++)
      writer.count(parsed.chunkCodecs[group * leaves.length + index] ?? 0);
  for (let at = 0, end = firstChunkStart; at < groups * leaves.length; at++) {
    if ((parsed.chunkValues[at] ?? 0) === 0) continue;
    const start = parsed.chunkStarts[at] ?? 0;
    writer.difference(start - end);
    end = start + (parsed.chunkBytes[at] ?? 0);
  }
  packOffsetIndexes(writer, parsed);
  packBounds(writer, parsed.keyBounds, groups);
  const others = boundColumns.filter((name) => parsed.columnBounds.has(name));
  writer.count(others.length);
  for (const name of others) {
    const bounds = parsed.columnBounds.get(name);
    writer.bytes(Buffer.from(name));
    packBounds(writer, bounds, groups);
    for (let group = 0; group < groups; group++) writer.count((bounds?.nullsOf(group) ?? -1) + 1);
  }
  return Buffer.concat([
    Uint8Array.of(packVersion),
    deflateRawSync(writer.written(), { level: 9 }),
  ]);
}

/** Returns the Thrift list of a file's schema as it lies in the metadata. */
function schemaBytes(footer: Uint8Array): Uint8Array {
  const reader = new ThriftReader(footer);
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    const start = reader.offset;
    reader.skip();
    if (id === 2) return footer.subarray(start, reader.offset);
  }
  throw new CorruptParquetError('the metadata has no schema');
}

/** Packs the positions of the offset indexes, if a chunk is large enough for a reader to use them. */
function packOffsetIndexes(writer: PackWriter, { offsetIndexes, chunkBytes }: ParquetFooter): void {
  const isWanted = offsetIndexes && chunkBytes.some((bytes) => bytes > smallChunkBytes);
  writer.count(isWanted ? 1 : 0);
  if (!isWanted) return;
  let end = 0;
  offsetIndexes.bytes.forEach((bytes, at) => {
    writer.count(bytes);
    if (bytes === 0) return;
    const start = offsetIndexes.starts[at] ?? 0;
    writer.difference(start - end);
    end = start + bytes;
  });
}

type ByteBounds = readonly (readonly [Uint8Array, Uint8Array] | undefined)[];

function packBounds(writer: PackWriter, keyBounds: KeyBounds | undefined, groups: number): void {
  const bounds = Array.from({ length: groups }, (_, group) => keyBounds?.boundsOf(group));
  const first = bounds.find((bound) => bound !== undefined);
  if (!first) {
    writer.count(boundsForm.none);
    return;
  }
  if (typeof first[0] === 'bigint') {
    writer.count(boundsForm.integers);
    let before = 0n;
    for (const bound of bounds) {
      const [min, max] = (bound ?? []) as readonly bigint[];
      writer.count(min === undefined ? 0 : 1);
      if (min === undefined || max === undefined) continue;
      writer.bigDifference(min - before);
      writer.bigDifference(max - min);
      before = max;
    }
    return;
  }
  const texts = bounds as ByteBounds;
  if (areSorted(texts)) packSeparators(writer, texts);
  else packTexts(writer, texts);
}

/** Decides whether no row group has a smaller key than the group before it. Groups without a key must come first. */
function areSorted(bounds: ByteBounds): boolean {
  let before: Uint8Array | undefined;
  for (const bound of bounds) {
    if (!bound) {
      if (before) return false;
      continue;
    }
    if (before && compareBytes(bound[0], before) < 0) return false;
    before = bound[1];
  }
  return true;
}

function packSeparators(writer: PackWriter, bounds: ByteBounds): void {
  writer.count(boundsForm.separators);
  const keyless = bounds.findIndex((bound) => bound !== undefined);
  writer.count(keyless);
  let separator: Uint8Array = new Uint8Array();
  let before: Uint8Array | undefined;
  for (const bound of bounds.slice(keyless)) {
    const [min, max] = bound ?? [separator, separator];
    const isContinued = before !== undefined && compareBytes(min, before) === 0;
    writer.count(isContinued ? 1 : 0);
    const next =
      before === undefined || isContinued ? min : min.subarray(0, sharedBytes(before, min) + 1);
    packText(writer, next, separator);
    separator = next;
    before = max;
  }
  packText(writer, before ?? separator, separator);
}

function packTexts(writer: PackWriter, bounds: ByteBounds): void {
  writer.count(boundsForm.bytes);
  let before: Uint8Array = new Uint8Array();
  for (const bound of bounds) {
    writer.count(bound ? 1 : 0);
    for (const text of bound ?? []) {
      packText(writer, text, before);
      before = text;
    }
  }
}

/** Writes only the part of a text that differs from the text before it. */
function packText(writer: PackWriter, text: Uint8Array, before: Uint8Array): void {
  const shared = sharedBytes(before, text);
  writer.count(shared);
  writer.bytes(text.subarray(shared));
}

/** Counts the bytes that two texts have in common at their beginning. */
function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return index;
  return length;
}

/**
 * Restores a footer from the bytes of {@link packFooter}.
 *
 * @returns undefined where the pack has another form, or the bounds of another column
 * @throws CorruptParquetError where the bytes are no such pack
 */
export function unpackFooter(
  packed: Uint8Array,
  { keyColumn }: Pick<PackFooterOptions, 'keyColumn'>,
): ParquetFooter | undefined {
  if (packed[0] !== packVersion) return undefined;
  const reader = new PackReader(inflated(packed.subarray(1)));
  const fileBytes = reader.count();
  const groups = reader.count();
  const createdBy = Buffer.from(reader.bytes()).toString();
  const schema = unpackSchema(reader.bytes());
  if (Buffer.from(reader.bytes()).toString() !== keyColumn) return undefined;
  const { leaves } = schema;
  const size = groups * leaves.length;
  // Each number takes at least one byte, so nothing is allocated that the pack can't hold.
  check(groups + 2 * size <= reader.bytesLeft, () => `the pack claims ${groups} row groups`);
  const rowStarts = new Float64Array(groups + 1);
  for (let group = 0, rows = 0; group < groups; group++) {
    rows += reader.difference();
    rowStarts[group + 1] = (rowStarts[group] ?? 0) + rows;
  }
  const chunkBytes = new Uint32Array(size);
  const chunkValues = new Uint32Array(size);
  const chunkCodecs = new Uint8Array(size);
  const chunkStarts = new Float64Array(size);
  for (const { index } of leaves)
    for (let group = 0, bytes = 0; group < groups; group++) {
      bytes += reader.difference();
      chunkBytes[group * leaves.length + index] = bytes;
    }
  for (const { index } of leaves)
    for (let group = 0; group < groups; group++)
      chunkValues[group * leaves.length + index] =
        (rowStarts[group + 1] ?? 0) - (rowStarts[group] ?? 0) + reader.difference();
  for (const { index } of leaves)
    for (let group = 0; group < groups; group++)
      chunkCodecs[group * leaves.length + index] = reader.count();
  for (let at = 0, end = firstChunkStart; at < size; at++) {
    if ((chunkValues[at] ?? 0) === 0) continue;
    const start = end + reader.difference();
    chunkStarts[at] = start;
    end = start + (chunkBytes[at] ?? 0);
    check(start >= firstChunkStart && end <= fileBytes, () => outside(start, end, fileBytes));
  }
  const offsetIndexes = unpackOffsetIndexes(reader, size);
  const keyBounds = unpackBounds(reader, groups);
  const columnBounds = unpackColumnBounds(reader, groups);
  const arrays = {
    rowStarts,
    chunkStarts,
    chunkBytes,
    chunkValues,
    chunkCodecs,
    ...(offsetIndexes && { offsetIndexes }),
  };
  return {
    ...schema,
    ...arrays,
    fileBytes,
    rows: rowStarts.at(-1) ?? 0,
    createdBy,
    ...(keyBounds && { keyBounds }),
    columnBounds,
    retainedBytes:
      retainedBytes(arrays) +
      [keyBounds, ...columnBounds.values()].reduce(
        (sum, bounds) => sum + (bounds?.retainedBytes ?? 0),
        0,
      ),
  };
}

function unpackColumnBounds(reader: PackReader, groups: number): ReadonlyMap<string, KeyBounds> {
  const columns = new Map<string, KeyBounds>();
  const count = reader.bytesLeft > 0 ? reader.count() : 0;
  for (let column = 0; column < count; column++) {
    const name = Buffer.from(reader.bytes()).toString();
    const bounds = unpackBounds(reader, groups);
    const nulls = Array.from({ length: groups }, () => {
      const rows = reader.count();
      return rows === 0 ? undefined : rows - 1;
    });
    if (bounds) columns.set(name, { ...bounds, nullsOf: (group) => nulls[group] });
  }
  return columns;
}

const outside = (start: number, end: number, fileBytes: number): string =>
  `the pack has a chunk at bytes ${start} to ${end} of a file of ${fileBytes}`;

function inflated(bytes: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxPlainBytes });
  } catch (cause) {
    throw new CorruptParquetError(`a packed footer can't be inflated`, { cause });
  }
}

function unpackSchema(bytes: Uint8Array): FileSchema {
  const reader = new ThriftReader(bytes);
  reader.type = thriftType.list;
  return readSchema(reader);
}

function unpackOffsetIndexes(reader: PackReader, size: number): ParquetFooter['offsetIndexes'] {
  if (reader.count() === 0) return undefined;
  const starts = new Float64Array(size);
  const bytes = new Uint32Array(size);
  for (let at = 0, end = 0; at < size; at++) {
    const length = reader.count();
    if (length === 0) continue;
    const start = end + reader.difference();
    starts[at] = start;
    bytes[at] = length;
    end = start + length;
  }
  return { starts, bytes };
}

function unpackBounds(reader: PackReader, groups: number): KeyBounds | undefined {
  const form = reader.count();
  switch (form) {
    case boundsForm.none:
      return undefined;
    case boundsForm.separators:
      return unpackSeparators(reader, groups);
    case boundsForm.bytes:
      return byteBounds(unpackTexts(reader, groups));
    case boundsForm.integers: {
      let before = 0n;
      return integerKeyBounds(
        Array.from({ length: groups }, () => {
          if (reader.count() === 0) return undefined;
          const min = before + reader.bigDifference();
          const max = min + reader.bigDifference();
          before = max;
          return [min, max] as const;
        }),
      );
    }
    default:
      throw new CorruptParquetError(`the pack has bounds of the form ${form}`);
  }
}

function unpackTexts(reader: PackReader, groups: number): RawBounds {
  let before: Uint8Array = new Uint8Array();
  const next = (): Uint8Array => (before = unpackText(reader, before));
  return Array.from({ length: groups }, () =>
    reader.count() === 0 ? undefined : ([next(), next()] as const),
  );
}

function unpackText(reader: PackReader, before: Uint8Array): Uint8Array {
  const shared = reader.count();
  check(
    shared <= before.length,
    () => `a text shares ${shared} bytes with one of ${before.length}`,
  );
  return Buffer.concat([before.subarray(0, shared), reader.bytes()]);
}

/**
 * Reads the bounds of sorted row groups. Each group ends at the separator with which the next begins; both include
 * that text, because a key may continue from one group into the next.
 */
function unpackSeparators(reader: PackReader, groups: number): KeyBounds {
  const keyless = reader.count();
  check(keyless < groups, () => `${keyless} of ${groups} row groups have no key`);
  const separators: Uint8Array[] = [];
  const isContinued = new Uint8Array(groups);
  let before: Uint8Array = new Uint8Array();
  for (let group = keyless; group < groups; group++) {
    isContinued[group] = reader.count();
    before = unpackText(reader, before);
    separators.push(before);
  }
  separators.push(unpackText(reader, before));
  const exact = byteBounds(
    Array.from({ length: groups }, (_, group): readonly [Uint8Array, Uint8Array] | undefined => {
      const [min, end] = [separators[group - keyless], separators[group - keyless + 1]];
      return group < keyless || !min || !end ? undefined : [min, end];
    }),
  );
  return {
    ...exact,
    retainedBytes: exact.retainedBytes + isContinued.byteLength,
    mayHold(group, first, last = first) {
      if (!exact.mayHold(group, first, last)) return false;
      const holdsEnd = group < keyless || group === groups - 1 || isContinued[group + 1] === 1;
      if (holdsEnd || !(first instanceof Uint8Array)) return true;
      const end = separators[group - keyless + 1];
      return end === undefined || compareBytes(first, end) < 0;
    },
  };
}
