import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { check, CorruptParquetError, UnsupportedParquetError } from './errors';
import { readHybrid } from './hybrid';
import {
  BooleanValues,
  ByteValues,
  dictionaryValues,
  NumberValues,
  type RawValues,
} from './raw-values';
import type { LeafType } from './value-type';

/** Encoding (parquet-format: parquet.thrift). */
export const encoding = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  bitPacked: 4,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  deltaByteArray: 7,
  rleDictionary: 8,
  byteStreamSplit: 9,
} as const;

/**
 * Decodes the values of a page.
 *
 * @param bytes from the first value to the page's end
 * @throws CorruptParquetError where there are fewer than `count` values, or they contradict themselves
 */
export function decodeValues(
  bytes: Uint8Array,
  code: number,
  count: number,
  type: LeafType,
  dictionary: RawValues | undefined,
): RawValues {
  switch (code) {
    case encoding.plain:
      return plainValues(bytes, count, type);
    case encoding.plainDictionary:
    case encoding.rleDictionary:
      return indexedValues(bytes, count, dictionary);
    case encoding.rle:
      return runLengthBooleans(bytes, count, type);
    case encoding.deltaBinaryPacked:
      return deltaNumbers(bytes, count, type);
    case encoding.deltaLengthByteArray:
      return deltaLengthBytes(bytes, count);
    case encoding.deltaByteArray:
      return deltaBytes(bytes, count);
    case encoding.byteStreamSplit:
      return splitValues(bytes, count, type);
    default:
      throw new UnsupportedParquetError(`the encoding number ${code} is not supported`);
  }
}

const tooShort = (have: number, count: number): CorruptParquetError =>
  new CorruptParquetError(`a page has ${have} bytes for ${count} values`);

export function plainValues(
  bytes: Uint8Array,
  count: number,
  { physical, byteLength }: LeafType,
): RawValues {
  const need = (width: number): void => {
    if (count * width > bytes.length) throw tooShort(bytes.length, count);
  };
  switch (physical) {
    case 'BOOLEAN': {
      need(1 / 8);
      const values = new Uint8Array(count);
      for (let index = 0; index < count; index++)
        values[index] = ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1;
      return new BooleanValues(values);
    }
    case 'INT32':
      need(4);
      return new NumberValues(new Int32Array(aligned(bytes, count * 4)));
    case 'FLOAT':
      need(4);
      return new NumberValues(new Float32Array(aligned(bytes, count * 4)));
    case 'INT64':
      need(8);
      return new NumberValues(new BigInt64Array(aligned(bytes, count * 8)));
    case 'DOUBLE':
      need(8);
      return new NumberValues(new Float64Array(aligned(bytes, count * 8)));
    case 'INT96':
      need(int96Bytes);
      return fixedBytes(bytes, count, int96Bytes);
    case 'FIXED_LEN_BYTE_ARRAY':
      need(byteLength);
      return fixedBytes(bytes, count, byteLength);
    case 'BYTE_ARRAY':
      return lengthPrefixedBytes(bytes, count);
  }
}

const int96Bytes = 12;

const aligned = (bytes: Uint8Array, length: number): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + length) as ArrayBuffer;

function fixedBytes(bytes: Uint8Array, count: number, width: number): ByteValues {
  const starts = Uint32Array.from({ length: count }, (_, index) => index * width);
  const ends = starts.map((start) => start + width);
  return new ByteValues(bytes, starts, ends);
}

function lengthPrefixedBytes(bytes: Uint8Array, count: number): ByteValues {
  if (count * 4 > bytes.length) throw tooShort(bytes.length, count);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  for (let index = 0; index < count; index++) {
    if (offset + 4 > bytes.length) throw tooShort(bytes.length, count);
    const start = offset + 4;
    offset = start + view.getUint32(offset, true);
    if (offset > bytes.length) throw tooShort(bytes.length, count);
    starts[index] = start;
    ends[index] = offset;
  }
  return new ByteValues(bytes, starts, ends);
}

function indexedValues(
  bytes: Uint8Array,
  count: number,
  dictionary: RawValues | undefined,
): RawValues {
  check(dictionary !== undefined, () => 'a page refers to a dictionary that its column lacks');
  const indices = new Uint32Array(count);
  if (count === 0) return dictionaryValues(indices, dictionary);
  const width = bytes[0];
  if (width === undefined) throw tooShort(0, count);
  // Width 0 means a dictionary of one entry: the indices have no bits, and some writers leave the runs out.
  if (width > 0) readHybrid(bytes, 1, bytes.length, width, indices);
  return dictionaryValues(indices, dictionary);
}

function runLengthBooleans(bytes: Uint8Array, count: number, { physical }: LeafType): RawValues {
  if (physical !== 'BOOLEAN')
    throw new UnsupportedParquetError(`the encoding RLE of ${physical} is not supported`);
  if (bytes.length < 4) throw tooShort(bytes.length, count);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const values = new Uint8Array(count);
  readHybrid(bytes, 4, 4 + length, 1, values);
  return new BooleanValues(values);
}

interface DeltaReader {
  readonly view: DataView;
  offset: number;
}

/** Largest block size that is accepted; writers use 128 (parquet-mr) to 256 (parquet-rs, 64 bits). */
const maxDeltaBlock = 1 << 16;

/** Unpacks deltas with hyparquet, after checking that the header is plausible, which bounds work and memory. */
function unpackDeltas<T extends Int32Array | BigInt64Array>(
  reader: DeltaReader,
  count: number,
  out: T,
): T {
  const start = reader.offset;
  const blockSize = varint(reader);
  const miniblocks = varint(reader);
  const total = varint(reader);
  const perMiniblock = blockSize / miniblocks;
  check(
    blockSize <= maxDeltaBlock && perMiniblock % 8 === 0 && perMiniblock > 0,
    () => `a page has delta blocks of ${blockSize} in ${miniblocks} parts`,
  );
  check(total >= count, () => `a page has ${total} deltas for ${count} values`);
  reader.offset = start;
  if (count === 0) {
    for (let skipped = 0; skipped < 4; skipped++) varint(reader);
    return out;
  }
  try {
    deltaBinaryUnpack(reader, count, out);
  } catch (cause) {
    throw new CorruptParquetError('a page has broken deltas', { cause });
  }
  check(reader.offset <= reader.view.byteLength, () => 'a page ends within its deltas');
  return out;
}

function varint(reader: DeltaReader): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    check(
      reader.offset < reader.view.byteLength && factor < 2 ** 63,
      () => 'a page ends within its deltas',
    );
    const byte = reader.view.getUint8(reader.offset++);
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
}

const deltaReader = (bytes: Uint8Array): DeltaReader => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

function deltaNumbers(bytes: Uint8Array, count: number, { physical }: LeafType): RawValues {
  if (physical !== 'INT32' && physical !== 'INT64')
    throw new CorruptParquetError(`a page has deltas of ${physical}`);
  const out = physical === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
  return new NumberValues(unpackDeltas(deltaReader(bytes), count, out));
}

function deltaLengthBytes(bytes: Uint8Array, count: number): ByteValues {
  const reader = deltaReader(bytes);
  const lengths = unpackDeltas(reader, count, new Int32Array(count));
  return consecutive(bytes, reader.offset, lengths);
}

function consecutive(bytes: Uint8Array, start: number, lengths: Int32Array): ByteValues {
  const starts = new Uint32Array(lengths.length);
  const ends = new Uint32Array(lengths.length);
  let offset = start;
  lengths.forEach((length, index) => {
    starts[index] = offset;
    offset += length;
    if (length < 0 || offset > bytes.length) throw tooShort(bytes.length, lengths.length);
    ends[index] = offset;
  });
  return new ByteValues(bytes, starts, ends);
}

/** Largest size in bytes to which front-coded values may expand. */
const maxExpandedBytes = 256 << 20;

function deltaBytes(bytes: Uint8Array, count: number): ByteValues {
  const reader = deltaReader(bytes);
  const prefixes = unpackDeltas(reader, count, new Int32Array(count));
  const suffixLengths = unpackDeltas(reader, count, new Int32Array(count));
  const suffixes = consecutive(bytes, reader.offset, suffixLengths);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let total = 0;
  let previous = 0;
  for (let index = 0; index < count; index++) {
    const prefix = prefixes[index] ?? 0;
    check(prefix >= 0 && prefix <= previous, () => 'a page repeats more of a value than it has');
    previous = prefix + (suffixLengths[index] ?? 0);
    starts[index] = total;
    total += previous;
    ends[index] = total;
    check(total <= maxExpandedBytes, () => `a page expands to more than ${maxExpandedBytes} bytes`);
  }
  const expanded = new Uint8Array(total);
  for (let index = 0; index < count; index++) {
    const start = starts[index] ?? 0;
    const prefix = prefixes[index] ?? 0;
    const before = starts[index - 1] ?? 0;
    expanded.copyWithin(start, before, before + prefix);
    expanded.set(suffixes.at(index), start + prefix);
  }
  return new ByteValues(expanded, starts, ends);
}

function splitValues(bytes: Uint8Array, count: number, type: LeafType): RawValues {
  const { physical, byteLength } = type;
  const width = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8, FIXED_LEN_BYTE_ARRAY: byteLength }[
    physical as 'INT32'
  ] as number | undefined;
  if (width === undefined) throw new CorruptParquetError(`a page splits the bytes of ${physical}`);
  if (count * width > bytes.length) throw tooShort(bytes.length, count);
  const values = byteStreamSplit(deltaReader(bytes), count, physical, byteLength);
  if (!Array.isArray(values))
    return new NumberValues(values as Int32Array | BigInt64Array | Float32Array | Float64Array);
  const joined = Buffer.concat(values as Uint8Array[]);
  return fixedBytes(joined, count, width);
}
