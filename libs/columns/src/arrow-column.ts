import type { ColumnType, ScalarType } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import { makeData, type Data } from 'apache-arrow';
import {
  maxOffset,
  Offsets,
  packBits,
  takeBytes,
  unpackBits,
  Validity,
  withRoom,
  type Nulls,
} from './column-memory';
import { readBoolean, textOf, wordWriter, type WriteWords } from './column-values';

/**
 * A column that grows in Arrow's memory layout, by values of JSON one at a time or by Arrow columns of files. Its rows are addressed
 * by their position, from 0.
 */
export interface ArrowColumn {
  /** Number of rows. */
  readonly length: number;
  /** Bytes of memory that the column holds, including the room to grow. */
  readonly byteLength: number;
  /**
   * Adds a row; `null` and `undefined` add a null.
   *
   * @returns what is wrong with the value, in which case nothing was added; undefined where it was accepted
   */
  push(value: unknown): string | undefined;
  /**
   * Adds `rows` rows of an Arrow column of exactly this type, starting at position `from`; without `data`, adds as
   * many nulls.
   *
   * @throws RangeError where the column would hold 2 GiB of text or more
   */
  append(data: Data | undefined, rows: number, from?: number): void;
  /** Removes all rows but the first `length`. */
  truncate(length: number): void;
  isNull(row: number): boolean;
  /** Orders two rows whose values are not null: numbers by value, text by its UTF-8 bytes. @throws Error for lists */
  compare(a: number, b: number): number;
  /**
   * Returns a rank for each row: a smaller rank means a smaller value; equal ranks leave the order open.
   *
   * @throws Error for lists
   */
  ranks(): Float64Array;
  /** Copies rows, in the order given, into an Arrow column. */
  take(order: Uint32Array): Data;
  /** Copies all rows into an Arrow column. */
  finish(): Data;
}

/** Returns an empty column. */
export function arrowColumn(type: ColumnType): ArrowColumn {
  switch (type.kind) {
    case 'string':
    case 'json':
      return new TextColumn(type);
    case 'array':
      return new ListColumn(type);
    case 'boolean':
      return new BooleanColumn(type);
    case 'date':
      return new WordColumn(type, 1);
    case 'decimal':
      return new WordColumn(type, 4);
    case 'bigint':
    case 'double':
    case 'timestamp':
      return new WordColumn(type, 2);
  }
}

/** Number of rows of a column, and which of them have a value: the part that all kinds of column share. */
abstract class ColumnRows {
  protected readonly validity = new Validity();
  length = 0;

  isNull(row: number): boolean {
    return this.validity.isNull(row);
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }
}

const twoTo32 = 2 ** 32;

/** Values of one, two or four 32-bit words, the lowest first; words are read and written several times faster than a BigInt. */
class WordColumn extends ColumnRows implements ArrowColumn {
  readonly #write: WriteWords;
  #words = new Int32Array(0);
  /** View of the same memory, used by a column of doubles. */
  #doubles = new Float64Array(0);

  constructor(
    private readonly type: Exclude<ScalarType, { kind: 'string' | 'boolean' }>,
    private readonly wordsPerValue: 1 | 2 | 4,
  ) {
    super();
    this.#write = wordWriter(type);
  }

  push(value: unknown): string | undefined {
    const row = this.length;
    const start = row * this.wordsPerValue;
    if (start + this.wordsPerValue > this.#words.length) this.#grow(start + this.wordsPerValue);
    const isValid = value !== null && value !== undefined;
    if (isValid) {
      const fault = this.#write(this.#words, start, value);
      if (fault !== undefined) return fault;
    }
    this.validity.set(row, isValid);
    this.length = row + 1;
    return undefined;
  }

  append(data: Data | undefined, rows: number, from = 0): void {
    const start = this.length * this.wordsPerValue;
    const count = rows * this.wordsPerValue;
    this.#grow(start + count);
    if (data) {
      const values = data.values as ArrayBufferView;
      const firstByte = values.byteOffset + from * this.wordsPerValue * 4;
      this.#words.set(new Int32Array(values.buffer, firstByte, count), start);
    }
    this.validity.append(this.length, data, rows, from);
    this.length += rows;
  }

  compare(a: number, b: number): number {
    if (this.type.kind === 'double') return (this.#doubles[a] ?? 0) - (this.#doubles[b] ?? 0);
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
    if (this.type.kind === 'double') return this.#doubles.slice(0, this.length);
    const ranks = new Float64Array(this.length);
    const last = this.wordsPerValue - 1;
    for (let row = 0; row < this.length; row++) {
      const start = row * this.wordsPerValue;
      ranks[row] =
        last === 0
          ? (this.#words[start] ?? 0)
          : (this.#words[start + last] ?? 0) * twoTo32 +
            ((this.#words[start + last - 1] ?? 0) >>> 0);
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
    return this.#data(words, this.validity.take(order));
  }

  finish(): Data {
    const words = this.#words.slice(0, this.length * this.wordsPerValue);
    return this.#data(words, this.validity.first(this.length));
  }

  get byteLength(): number {
    return this.#words.byteLength + this.validity.byteLength;
  }

  #grow(words: number): void {
    this.#words = withRoom(this.#words, words);
    if (this.type.kind === 'double') this.#doubles = new Float64Array(this.#words.buffer);
  }

  #data(words: Int32Array, nulls: Nulls): Data {
    const type = arrowType(this.type);
    const data = new (type.ArrayType as new (buffer: ArrayBufferLike) => ArrayBufferView)(
      words.buffer,
    );
    return makeData({ type, length: words.length / this.wordsPerValue, data, ...nulls } as never);
  }
}

class BooleanColumn extends ColumnRows implements ArrowColumn {
  /** One byte for each row, 0 or 1. */
  #flags = new Uint8Array(0);

  constructor(private readonly type: ColumnType) {
    super();
  }

  push(value: unknown): string | undefined {
    const row = this.length;
    const isValid = value !== null && value !== undefined;
    if (row >= this.#flags.length) this.#flags = withRoom(this.#flags, row + 1);
    if (isValid) {
      const flag = readBoolean(value);
      if (typeof flag === 'string') return flag;
      this.#flags[row] = flag ? 1 : 0;
    }
    this.validity.set(row, isValid);
    this.length = row + 1;
    return undefined;
  }

  append(data: Data | undefined, rows: number, from = 0): void {
    this.#flags = withRoom(this.#flags, this.length + rows);
    if (data)
      unpackBits(data.values as Uint8Array, data.offset + from, rows, this.#flags, this.length);
    this.validity.append(this.length, data, rows, from);
    this.length += rows;
  }

  compare(a: number, b: number): number {
    return (this.#flags[a] ?? 0) - (this.#flags[b] ?? 0);
  }

  ranks(): Float64Array {
    return Float64Array.from(this.#flags.subarray(0, this.length));
  }

  take(order: Uint32Array): Data {
    return this.#data(takeBytes(this.#flags, order), this.validity.take(order));
  }

  finish(): Data {
    return this.#data(this.#flags.subarray(0, this.length), this.validity.first(this.length));
  }

  get byteLength(): number {
    return this.#flags.byteLength + this.validity.byteLength;
  }

  #data(flags: Uint8Array, nulls: Nulls): Data {
    const type = arrowType(this.type);
    return makeData({ type, length: flags.length, data: packBits(flags), ...nulls } as never);
  }
}

/** Bits of a rank. A double holds these exactly, with one bit to spare for the last digit. */
const rankBits = 52;

/** Length in bytes up to which copying byte by byte is faster than one call of `set`. */
const shortText = 64;

/** Rows whose memory is touched before the first of them is copied. */
const fetchedAhead = 64;

class TextColumn extends ColumnRows implements ArrowColumn {
  readonly #offsets = new Offsets();
  #bytes = Buffer.alloc(0);

  constructor(private readonly type: ColumnType) {
    super();
  }

  push(value: unknown): string | undefined {
    const row = this.length;
    const start = this.#offsets.endOf(row);
    const isValid = value !== null && value !== undefined;
    let end = start;
    if (isValid) {
      const text = typeof value === 'string' ? value : textOf(value);
      if (text === undefined) return 'has no text form';
      if (!text.isWellFormed()) return "holds half of a surrogate pair, which UTF-8 can't hold";
      // UTF-8 takes at most 3 bytes for each UTF-16 unit.
      if (start + text.length * 3 > this.#bytes.length) this.#grow(start, text);
      end += this.#bytes.write(text, start);
    }
    this.#offsets.set(row, end);
    this.validity.set(row, isValid);
    this.length = row + 1;
    return undefined;
  }

  append(data: Data | undefined, rows: number, from = 0): void {
    const start = this.#offsets.endOf(this.length);
    this.#offsets.append(this.length, data, rows, from);
    if (data) {
      const offsets = data.valueOffsets as Int32Array;
      const values = (data.values as Uint8Array).subarray(offsets[from], offsets[from + rows]);
      this.#makeRoom(start + values.length);
      this.#bytes.set(values, start);
    }
    this.validity.append(this.length, data, rows, from);
    this.length += rows;
  }

  compare(a: number, b: number): number {
    const offsets = this.#offsets.all;
    return this.#bytes.compare(this.#bytes, offsets[b], offsets[b + 1], offsets[a], offsets[a + 1]);
  }

  ranks(): Float64Array {
    const offsets = this.#offsets.all;
    const skipped = this.#commonPrefix();
    // Bytes numbered by those in use: more of them fit into a rank, and ranks differ sooner. 0 is the end.
    const digits = this.#digits();
    const base = Math.max(...digits) + 1;
    const length = Math.floor((rankBits * Math.LN2) / Math.log(Math.max(2, base)));
    const ranks = new Float64Array(this.length);
    for (let row = 0; row < this.length; row++) {
      const end = offsets[row + 1] ?? 0;
      let at = (offsets[row] ?? 0) + skipped;
      let rank = 0;
      for (let digit = 0; digit < length; digit++, at++)
        rank = rank * base + (at < end ? (digits[this.#bytes[at] ?? 0] ?? 0) : 0);
      ranks[row] = rank;
    }
    return ranks;
  }

  take(order: Uint32Array): Data {
    const bytes = this.#bytes;
    const offsets = this.#offsets.all;
    const valueOffsets = this.#offsets.take(order);
    const taken = Buffer.allocUnsafeSlow(valueOffsets[order.length] ?? 0);
    let to = 0;
    for (let block = 0; block < order.length; block += fetchedAhead) {
      const blockEnd = Math.min(order.length, block + fetchedAhead);
      // The rows lie far apart in memory. Touching them one right after the other lets the processor fetch them in
      // parallel.
      let seen = 0;
      for (let index = block; index < blockEnd; index++)
        seen |= bytes[offsets[order[index] ?? 0] ?? 0] ?? 0;
      for (let index = block; index < blockEnd; index++) {
        const row = order[index] ?? 0;
        const start = offsets[row] ?? 0;
        const end = offsets[row + 1] ?? 0;
        if (end - start > shortText) to += bytes.copy(taken, to, start, end);
        else for (let from = start; from < end; from++) taken[to++] = bytes[from] ?? seen;
      }
    }
    return this.#data(valueOffsets, taken, this.validity.take(order));
  }

  finish(): Data {
    const offsets = this.#offsets.first(this.length);
    const bytes = this.#bytes.subarray(0, this.#offsets.endOf(this.length));
    return this.#data(offsets, new Uint8Array(bytes), this.validity.first(this.length));
  }

  get byteLength(): number {
    return this.#bytes.byteLength + this.#offsets.byteLength + this.validity.byteLength;
  }

  /** Returns for each byte value its number among the byte values in use, counted from 1; 0 for values not in use. */
  #digits(): Uint16Array {
    const digits = new Uint16Array(256);
    const end = this.#offsets.endOf(this.length);
    for (let at = 0; at < end; at++) digits[this.#bytes[at] ?? 0] = 1;
    let next = 1;
    return digits.map((used) => (used === 0 ? 0 : next++));
  }

  /** Counts the bytes that all values begin with. Ranks leave them out, so that keys such as `order-000123` differ. */
  #commonPrefix(): number {
    const offsets = this.#offsets.all;
    let common = this.#offsets.endOf(1);
    for (let row = 1; row < this.length && common > 0; row++) {
      const start = offsets[row] ?? 0;
      const length = Math.min(common, (offsets[row + 1] ?? 0) - start);
      let same = 0;
      while (same < length && this.#bytes[same] === this.#bytes[start + same]) same++;
      common = same;
    }
    return common;
  }

  /** Makes room for a text. Its exact size is computed only where the upper bound is more than a column can have. */
  #grow(start: number, text: string): void {
    const most = start + text.length * 3;
    this.#makeRoom(most > maxOffset ? start + Buffer.byteLength(text) : most);
  }

  #makeRoom(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(
      Math.max(length, Math.min(this.#bytes.length * 2, maxOffset)),
    );
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  #data(valueOffsets: Int32Array, bytes: Uint8Array, nulls: Nulls): Data {
    return makeData({
      type: arrowType(this.type),
      length: valueOffsets.length - 1,
      valueOffsets,
      data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
      ...nulls,
    } as never);
  }
}

class ListColumn extends ColumnRows implements ArrowColumn {
  readonly #offsets = new Offsets();
  readonly #items: ArrowColumn;

  constructor(private readonly type: ColumnType & { readonly kind: 'array' }) {
    super();
    this.#items = arrowColumn(type.items);
  }

  push(value: unknown): string | undefined {
    const row = this.length;
    const isValid = value !== null && value !== undefined;
    if (isValid) {
      if (!Array.isArray(value)) return 'is not an array';
      const items = value as readonly unknown[];
      for (let position = 0; position < items.length; position++) {
        const fault = this.#items.push(items[position]);
        if (fault === undefined) continue;
        this.#items.truncate(this.#offsets.endOf(row));
        return `[${position}] ${fault}`;
      }
    }
    this.#offsets.set(row, this.#items.length);
    this.validity.set(row, isValid);
    this.length = row + 1;
    return undefined;
  }

  append(data: Data | undefined, rows: number, from = 0): void {
    this.#offsets.append(this.length, data, rows, from);
    if (data) {
      const offsets = data.valueOffsets as Int32Array;
      const first = offsets[from] ?? 0;
      this.#items.append(data.children[0], (offsets[from + rows] ?? 0) - first, first);
    }
    this.validity.append(this.length, data, rows, from);
    this.length += rows;
  }

  override truncate(length: number): void {
    super.truncate(length);
    this.#items.truncate(this.#offsets.endOf(this.length));
  }

  compare(): number {
    throw new Error('lists have no order');
  }

  ranks(): Float64Array {
    throw new Error('lists have no order');
  }

  take(order: Uint32Array): Data {
    const offsets = this.#offsets.all;
    const valueOffsets = this.#offsets.take(order);
    const items = new Uint32Array(valueOffsets[order.length] ?? 0);
    let to = 0;
    for (const row of order)
      for (let item = offsets[row] ?? 0; item < (offsets[row + 1] ?? 0); item++) items[to++] = item;
    return this.#data(valueOffsets, this.#items.take(items), this.validity.take(order));
  }

  finish(): Data {
    const offsets = this.#offsets.first(this.length);
    return this.#data(offsets, this.#items.finish(), this.validity.first(this.length));
  }

  get byteLength(): number {
    return this.#items.byteLength + this.#offsets.byteLength + this.validity.byteLength;
  }

  #data(valueOffsets: Int32Array, child: Data, nulls: Nulls): Data {
    return makeData({
      type: arrowType(this.type),
      length: valueOffsets.length - 1,
      valueOffsets,
      child,
      ...nulls,
    } as never);
  }
}
