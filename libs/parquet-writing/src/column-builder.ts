import type { ColumnType, ScalarType } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import { makeData, type Data } from 'apache-arrow';
import {
  writeBigint,
  writeBoolean,
  writeDate,
  writeDecimal,
  writeDouble,
  writeTimestamp,
  textOf,
  type Words,
  type WriteValue,
} from './column-values';

/**
 * Collects the values of one column in Arrow's memory layout.
 *
 * `set(index, …)` may be called again for the same index as long as no later one was set, so a row that
 * fails halfway is simply written over by the next.
 */
export interface ColumnBuilder {
  /** `null` and `undefined` are no value. @returns what is wrong with the value, or undefined where it was taken. */
  set(index: number, value: unknown): string | undefined;
  /** Bytes that the first `length` values take. */
  byteLength(length: number): number;
  /** A copy of the first `length` values. */
  finish(length: number): Data;
}

export function columnBuilder(type: ColumnType): ColumnBuilder {
  switch (type.kind) {
    case 'string':
    case 'json':
      return new TextBuilder(type);
    case 'array':
      return new ListBuilder(type);
    default:
      return fixedWidthBuilder(type);
  }
}

function fixedWidthBuilder(type: Exclude<ScalarType, { kind: 'string' }>): ColumnBuilder {
  switch (type.kind) {
    case 'bigint':
      return new FixedWidthBuilder(type, new Int32Array(initialCapacity * 2), 2, writeBigint);
    case 'double':
      return new FixedWidthBuilder(type, new Float64Array(initialCapacity), 1, writeDouble);
    case 'boolean':
      return new FixedWidthBuilder(type, new Uint8Array(initialCapacity), 1, writeBoolean);
    case 'date':
      return new FixedWidthBuilder(type, new Int32Array(initialCapacity), 1, writeDate);
    case 'timestamp':
      return new FixedWidthBuilder(
        type,
        new Int32Array(initialCapacity * 2),
        2,
        writeTimestamp(type.digits),
      );
    case 'decimal':
      return new FixedWidthBuilder(
        type,
        new Int32Array(initialCapacity * 4),
        4,
        writeDecimal(type.precision, type.scale),
      );
  }
}

const initialCapacity = 1024;

/** A copy with room for at least `length` elements, and twice as large as before. */
function grown<T extends Words>(array: T, length: number): T {
  const copy = new (array.constructor as new (length: number) => T)(
    Math.max(length, array.length * 2),
  );
  copy.set(array);
  return copy;
}

/** Which values are there, one byte each; packed into Arrow's bitmap at the end. */
class Validity {
  #valid = new Uint8Array(initialCapacity);

  mark(index: number, valid: boolean): void {
    if (index >= this.#valid.length) this.#valid = grown(this.#valid, index + 1);
    this.#valid[index] = valid ? 1 : 0;
  }

  finish(length: number): { readonly nullBitmap: Uint8Array; readonly nullCount: number } {
    const nullBitmap = packBits(this.#valid, length);
    let valid = 0;
    for (let index = 0; index < length; index++) valid += this.#valid[index] ?? 0;
    return { nullBitmap, nullCount: length - valid };
  }
}

/** Arrow's bitmaps: least significant bit first. */
function packBits(bytes: Uint8Array, length: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 8));
  for (let index = 0; index < length; index++)
    if (bytes[index]) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  return bits;
}

class FixedWidthBuilder<T extends Words> implements ColumnBuilder {
  readonly #validity = new Validity();
  #words: T;

  constructor(
    private readonly type: ColumnType,
    words: T,
    private readonly wordsPerValue: number,
    private readonly write: WriteValue<T>,
  ) {
    this.#words = words;
  }

  set(index: number, value: unknown): string | undefined {
    const start = index * this.wordsPerValue;
    const end = start + this.wordsPerValue;
    if (end > this.#words.length) this.#words = grown(this.#words, end);
    if (value === null || value === undefined) {
      this.#validity.mark(index, false);
      return undefined;
    }
    const fault = this.write(this.#words, start, value);
    if (fault === undefined) this.#validity.mark(index, true);
    return fault;
  }

  byteLength(length: number): number {
    return length * this.wordsPerValue * this.#words.BYTES_PER_ELEMENT;
  }

  finish(length: number): Data {
    const words = this.#words.slice(0, length * this.wordsPerValue);
    const type = arrowType(this.type);
    // 64-bit integers are written as two halves, several times faster than as BigInt; Arrow wants BigInt64Array.
    const data =
      this.type.kind === 'boolean'
        ? packBits(words as unknown as Uint8Array, length)
        : this.type.kind === 'bigint' || this.type.kind === 'timestamp'
          ? new BigInt64Array(words.buffer)
          : words;
    return makeData({ type, length, data, ...this.#validity.finish(length) } as never);
  }
}

class TextBuilder implements ColumnBuilder {
  readonly #validity = new Validity();
  #offsets = new Int32Array(initialCapacity + 1);
  #bytes = Buffer.allocUnsafeSlow(initialCapacity * 16);

  constructor(private readonly type: ColumnType) {}

  set(index: number, value: unknown): string | undefined {
    if (index + 2 > this.#offsets.length) this.#offsets = grown(this.#offsets, index + 2);
    const start = this.#offsets[index] ?? 0;
    this.#offsets[index + 1] = start;
    if (value === null || value === undefined) {
      this.#validity.mark(index, false);
      return undefined;
    }
    const text = typeof value === 'string' ? value : textOf(value);
    if (text === undefined) return 'has no text form';
    if (!text.isWellFormed()) return "holds half of a surrogate pair, which UTF-8 can't hold";
    // UTF-8 takes at most 3 bytes for each UTF-16 unit.
    const end = start + text.length * 3;
    if (end > this.#bytes.length) this.#grow(end);
    this.#offsets[index + 1] = start + this.#bytes.write(text, start);
    this.#validity.mark(index, true);
    return undefined;
  }

  byteLength(length: number): number {
    return (this.#offsets[length] ?? 0) + length * this.#offsets.BYTES_PER_ELEMENT;
  }

  finish(length: number): Data {
    return makeData({
      type: arrowType(this.type),
      length,
      valueOffsets: this.#offsets.slice(0, length + 1),
      data: new Uint8Array(this.#bytes.subarray(0, this.#offsets[length] ?? 0)),
      ...this.#validity.finish(length),
    } as never);
  }

  #grow(length: number): void {
    const copy = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2));
    copy.set(this.#bytes);
    this.#bytes = copy;
  }
}

class ListBuilder implements ColumnBuilder {
  readonly #validity = new Validity();
  readonly #items: ColumnBuilder;
  #offsets = new Int32Array(initialCapacity + 1);

  constructor(private readonly type: ColumnType & { readonly kind: 'array' }) {
    this.#items = columnBuilder(type.items);
  }

  set(index: number, value: unknown): string | undefined {
    if (index + 2 > this.#offsets.length) this.#offsets = grown(this.#offsets, index + 2);
    let end = this.#offsets[index] ?? 0;
    this.#offsets[index + 1] = end;
    if (value === null || value === undefined) {
      this.#validity.mark(index, false);
      return undefined;
    }
    if (!Array.isArray(value)) return 'is not an array';
    for (const [position, item] of value.entries()) {
      const fault = this.#items.set(end, item);
      if (fault !== undefined) return `[${position}] ${fault}`;
      end++;
    }
    this.#offsets[index + 1] = end;
    this.#validity.mark(index, true);
    return undefined;
  }

  byteLength(length: number): number {
    return (
      this.#items.byteLength(this.#offsets[length] ?? 0) + length * this.#offsets.BYTES_PER_ELEMENT
    );
  }

  finish(length: number): Data {
    return makeData({
      type: arrowType(this.type),
      length,
      valueOffsets: this.#offsets.slice(0, length + 1),
      child: this.#items.finish(this.#offsets[length] ?? 0),
      ...this.#validity.finish(length),
    } as never);
  }
}
