import type { ColumnType } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import { makeData, type Data } from 'apache-arrow';

/** Values of one column from many files, one after another; rows are addressed by their position. */
export interface ColumnStore {
  /**
   * Adds values of an Arrow column of exactly this type from position `from` on, or as many nulls where a file
   * has no such column.
   */
  append(data: Data | undefined, rows: number, from?: number): void;
  isNull(row: number): boolean;
  /** Orders two rows whose values are not null: numbers by value, text by its UTF-8 bytes. */
  compare(a: number, b: number): number;
  /** A number for each row so that a smaller one means a smaller value; equal ones decide nothing. */
  ranks(): Float64Array;
  /** The rows in the order given, as an Arrow column. */
  take(order: Uint32Array): Data;
  /** Bytes held. */
  readonly byteLength: number;
}

export function columnStore(type: ColumnType): ColumnStore {
  switch (type.kind) {
    case 'string':
    case 'json':
      return new TextStore(type);
    case 'array':
      return new ListStore(type);
    case 'boolean':
      return new BooleanStore(type);
    case 'date':
      return new WordStore(type, 1);
    case 'decimal':
      return new WordStore(type, 4);
    case 'bigint':
    case 'double':
    case 'timestamp':
      return new WordStore(type, 2);
  }
}

interface Growable {
  readonly length: number;
  set(other: this): void;
}

function withRoom<T extends Growable>(array: T, length: number): T {
  if (length <= array.length) return array;
  const grown = new (array.constructor as new (length: number) => T)(
    Math.max(length, array.length * 2, 1024),
  );
  grown.set(array);
  return grown;
}

/** One byte for each row: 1 where there is a value. */
class Validity {
  #valid = new Uint8Array(0);
  #nulls = 0;

  append(at: number, data: Data | undefined, rows: number, from: number): void {
    this.#valid = withRoom(this.#valid, at + rows);
    if (!data) {
      this.#nulls += rows;
      return;
    }
    if (data.nullCount === 0) {
      this.#valid.fill(1, at, at + rows);
      return;
    }
    const bitmap = data.nullBitmap;
    for (let row = 0; row < rows; row++) {
      const bit = row + from;
      const valid = ((bitmap[bit >> 3] ?? 0) >> (bit & 7)) & 1;
      this.#valid[at + row] = valid;
      this.#nulls += 1 - valid;
    }
  }

  isNull(row: number): boolean {
    return this.#valid[row] === 0;
  }

  take(order: Uint32Array): { readonly nullBitmap?: Uint8Array; readonly nullCount: number } {
    if (this.#nulls === 0) return { nullCount: 0 };
    const valid = this.#valid;
    const nullBitmap = new Uint8Array(Math.ceil(order.length / 8));
    let nullCount = 0;
    let index = 0;
    for (const row of order) {
      if (valid[row] === 0) nullCount++;
      else nullBitmap[index >> 3] = (nullBitmap[index >> 3] ?? 0) | (1 << (index & 7));
      index++;
    }
    return { nullBitmap, nullCount };
  }

  get byteLength(): number {
    return this.#valid.byteLength;
  }
}

const twoTo32 = 2 ** 32;

/** Values of one, two or four 32-bit words. */
class WordStore implements ColumnStore {
  readonly #validity = new Validity();
  #words = new Int32Array(0);
  #rows = 0;

  constructor(
    private readonly type: ColumnType,
    private readonly wordsPerValue: 1 | 2 | 4,
  ) {}

  append(data: Data | undefined, rows: number, from = 0): void {
    const start = this.#rows * this.wordsPerValue;
    const count = rows * this.wordsPerValue;
    this.#words = withRoom(this.#words, start + count);
    if (data) {
      const values = data.values as ArrayBufferView;
      const firstByte = values.byteOffset + from * this.wordsPerValue * 4;
      this.#words.set(new Int32Array(values.buffer, firstByte, count), start);
    }
    this.#validity.append(this.#rows, data, rows, from);
    this.#rows += rows;
  }

  isNull(row: number): boolean {
    return this.#validity.isNull(row);
  }

  compare(a: number, b: number): number {
    if (this.type.kind === 'double') return this.#double(a) - this.#double(b);
    const last = this.wordsPerValue - 1;
    const startA = a * this.wordsPerValue;
    const startB = b * this.wordsPerValue;
    const high = (this.#words[startA + last] ?? 0) - (this.#words[startB + last] ?? 0);
    if (high !== 0) return high;
    for (let word = last - 1; word >= 0; word--) {
      const low =
        ((this.#words[startA + word] ?? 0) >>> 0) - ((this.#words[startB + word] ?? 0) >>> 0);
      if (low !== 0) return low;
    }
    return 0;
  }

  ranks(): Float64Array {
    const ranks = new Float64Array(this.#rows);
    const last = this.wordsPerValue - 1;
    for (let row = 0; row < this.#rows; row++) {
      const start = row * this.wordsPerValue;
      if (this.type.kind === 'double') ranks[row] = this.#double(row);
      else if (last === 0) ranks[row] = this.#words[start] ?? 0;
      else
        ranks[row] =
          (this.#words[start + last] ?? 0) * twoTo32 + ((this.#words[start + last - 1] ?? 0) >>> 0);
    }
    return ranks;
  }

  take(order: Uint32Array): Data {
    const { wordsPerValue } = this;
    const source = this.#words;
    const words = new Int32Array(order.length * wordsPerValue);
    let to = 0;
    for (const row of order) {
      const start = row * wordsPerValue;
      for (let from = start; from < start + wordsPerValue; from++) words[to++] = source[from] ?? 0;
    }
    const type = arrowType(this.type);
    const data = new (type.ArrayType as new (buffer: ArrayBufferLike) => ArrayBufferView)(
      words.buffer,
    );
    return makeData({ type, length: order.length, data, ...this.#validity.take(order) } as never);
  }

  get byteLength(): number {
    return this.#words.byteLength + this.#validity.byteLength;
  }

  #double(row: number): number {
    return new DataView(this.#words.buffer).getFloat64(row * 8, true);
  }
}

class BooleanStore implements ColumnStore {
  readonly #validity = new Validity();
  #flags = new Uint8Array(0);
  #rows = 0;

  constructor(private readonly type: ColumnType) {}

  append(data: Data | undefined, rows: number, from = 0): void {
    this.#flags = withRoom(this.#flags, this.#rows + rows);
    if (data) {
      const bits = data.values as Uint8Array;
      for (let row = 0; row < rows; row++) {
        const bit = row + from;
        this.#flags[this.#rows + row] = ((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1;
      }
    }
    this.#validity.append(this.#rows, data, rows, from);
    this.#rows += rows;
  }

  isNull(row: number): boolean {
    return this.#validity.isNull(row);
  }

  compare(a: number, b: number): number {
    return (this.#flags[a] ?? 0) - (this.#flags[b] ?? 0);
  }

  ranks(): Float64Array {
    return Float64Array.from(this.#flags.subarray(0, this.#rows));
  }

  take(order: Uint32Array): Data {
    const bits = new Uint8Array(Math.ceil(order.length / 8));
    for (let index = 0; index < order.length; index++)
      if (this.#flags[order[index] ?? 0])
        bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
    return makeData({
      type: arrowType(this.type),
      length: order.length,
      data: bits,
      ...this.#validity.take(order),
    } as never);
  }

  get byteLength(): number {
    return this.#flags.byteLength + this.#validity.byteLength;
  }
}

/** Where the values of `known` rows begin and end, then those of further rows; of nulls, where there is no data. */
function appendOffsets(
  offsets: Int32Array<ArrayBuffer>,
  known: number,
  data: Data | undefined,
  rows: number,
  from: number,
): Int32Array<ArrayBuffer> {
  const start = offsets[known] ?? 0;
  const all = withRoom(offsets, known + rows + 1);
  if (!data) return all.fill(start, known + 1, known + rows + 1);
  const added = data.valueOffsets as Int32Array;
  const shift = start - (added[from] ?? 0);
  for (let row = 1; row <= rows; row++) all[known + row] = shift + (added[from + row] ?? 0);
  return all;
}

/** Offsets of the values of some rows, one after another. */
function takeOffsets(offsets: Int32Array, order: Uint32Array): Int32Array {
  const taken = new Int32Array(order.length + 1);
  let end = 0;
  let index = 0;
  for (const row of order) {
    end += (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
    taken[++index] = end;
  }
  return taken;
}

/** Bits of a rank: so many are exact in a double, with some to spare for the last digit. */
const rankBits = 52;

/** Bytes up to which copying one by one is faster than a call. */
const shortText = 64;

/** Rows whose memory is asked for before the first of them is copied. */
const fetchedAhead = 64;

class TextStore implements ColumnStore {
  readonly #validity = new Validity();
  #offsets = new Int32Array(1);
  #bytes = Buffer.alloc(0);
  #rows = 0;

  constructor(private readonly type: ColumnType) {}

  append(data: Data | undefined, rows: number, from = 0): void {
    if (data) {
      const start = this.#offsets[this.#rows] ?? 0;
      const offsets = data.valueOffsets as Int32Array;
      const values = (data.values as Uint8Array).subarray(offsets[from], offsets[from + rows]);
      if (start + values.length > this.#bytes.length) this.#grow(start + values.length);
      this.#bytes.set(values, start);
    }
    this.#offsets = appendOffsets(this.#offsets, this.#rows, data, rows, from);
    this.#validity.append(this.#rows, data, rows, from);
    this.#rows += rows;
  }

  isNull(row: number): boolean {
    return this.#validity.isNull(row);
  }

  compare(a: number, b: number): number {
    return this.#bytes.compare(
      this.#bytes,
      this.#offsets[b],
      this.#offsets[b + 1],
      this.#offsets[a],
      this.#offsets[a + 1],
    );
  }

  ranks(): Float64Array {
    const skipped = this.#commonPrefix();
    // Bytes numbered by those in use: more of them fit into a rank, and ranks differ sooner. 0 is the end.
    const digits = this.#digits();
    const base = Math.max(...digits) + 1;
    const length = Math.floor((rankBits * Math.LN2) / Math.log(Math.max(2, base)));
    const ranks = new Float64Array(this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      const end = this.#offsets[row + 1] ?? 0;
      let at = (this.#offsets[row] ?? 0) + skipped;
      let rank = 0;
      for (let digit = 0; digit < length; digit++, at++)
        rank = rank * base + (at < end ? (digits[this.#bytes[at] ?? 0] ?? 0) : 0);
      ranks[row] = rank;
    }
    return ranks;
  }

  take(order: Uint32Array): Data {
    const bytes = this.#bytes;
    const valueOffsets = takeOffsets(this.#offsets, order);
    const data = Buffer.allocUnsafeSlow(valueOffsets[order.length] ?? 0);
    const offsets = this.#offsets;
    let to = 0;
    for (let block = 0; block < order.length; block += fetchedAhead) {
      const blockEnd = Math.min(order.length, block + fetchedAhead);
      // Rows lie far apart. Looked at first, one right after the other, the memory gets them side by side.
      let seen = 0;
      for (let index = block; index < blockEnd; index++)
        seen |= bytes[offsets[order[index] ?? 0] ?? 0] ?? 0;
      for (let index = block; index < blockEnd; index++) {
        const row = order[index] ?? 0;
        const start = offsets[row] ?? 0;
        const end = offsets[row + 1] ?? 0;
        if (end - start > shortText) to += bytes.copy(data, to, start, end);
        else for (let from = start; from < end; from++) data[to++] = bytes[from] ?? seen;
      }
    }
    return makeData({
      type: arrowType(this.type),
      length: order.length,
      valueOffsets,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
      ...this.#validity.take(order),
    } as never);
  }

  get byteLength(): number {
    return this.#bytes.byteLength + this.#offsets.byteLength + this.#validity.byteLength;
  }

  /** For each byte its number among the bytes in use, 1 and up; 0 for others. */
  #digits(): Uint16Array {
    const digits = new Uint16Array(256);
    const end = this.#offsets[this.#rows] ?? 0;
    for (let at = 0; at < end; at++) digits[this.#bytes[at] ?? 0] = 1;
    let next = 1;
    return digits.map((used) => (used === 0 ? 0 : next++));
  }

  /** Bytes that all values begin with; ranks leave them out, so that keys such as `order-000123` differ. */
  #commonPrefix(): number {
    const firstEnd = this.#offsets[1] ?? 0;
    let common = firstEnd;
    for (let row = 1; row < this.#rows && common > 0; row++) {
      const start = this.#offsets[row] ?? 0;
      const length = Math.min(common, (this.#offsets[row + 1] ?? 0) - start);
      let same = 0;
      while (same < length && this.#bytes[same] === this.#bytes[start + same]) same++;
      common = same;
    }
    return common;
  }

  #grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

class ListStore implements ColumnStore {
  readonly #validity = new Validity();
  readonly #items: ColumnStore;
  #offsets = new Int32Array(1);
  #rows = 0;

  constructor(private readonly type: ColumnType & { readonly kind: 'array' }) {
    this.#items = columnStore(type.items);
  }

  append(data: Data | undefined, rows: number, from = 0): void {
    if (data) {
      const offsets = data.valueOffsets as Int32Array;
      const first = offsets[from] ?? 0;
      this.#items.append(data.children[0], (offsets[from + rows] ?? 0) - first, first);
    }
    this.#offsets = appendOffsets(this.#offsets, this.#rows, data, rows, from);
    this.#validity.append(this.#rows, data, rows, from);
    this.#rows += rows;
  }

  isNull(row: number): boolean {
    return this.#validity.isNull(row);
  }

  compare(): number {
    throw new Error('lists have no order');
  }

  ranks(): Float64Array {
    throw new Error('lists have no order');
  }

  take(order: Uint32Array): Data {
    const valueOffsets = takeOffsets(this.#offsets, order);
    const items = new Uint32Array(valueOffsets[order.length] ?? 0);
    let to = 0;
    for (const row of order)
      for (let item = this.#offsets[row] ?? 0; item < (this.#offsets[row + 1] ?? 0); item++)
        items[to++] = item;
    return makeData({
      type: arrowType(this.type),
      length: order.length,
      valueOffsets,
      child: this.#items.take(items),
      ...this.#validity.take(order),
    } as never);
  }

  get byteLength(): number {
    return this.#items.byteLength + this.#offsets.byteLength + this.#validity.byteLength;
  }
}
