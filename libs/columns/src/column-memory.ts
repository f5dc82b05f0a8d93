// Arrow's memory layout (https://arrow.apache.org/docs/format/Columnar.html): which rows have a value, and where each
// value ends.
import type { Data } from 'apache-arrow';

/** Largest number of bytes of text, or items of lists, that Arrow's 32-bit offsets can count. */
export const maxOffset = 2 ** 31 - 1;

const minCapacity = 1024;

interface Growable {
  readonly length: number;
  set(other: this): void;
}

/** Returns the array, or a copy with room for at least `length` elements and twice as many as before. */
export function withRoom<T extends Growable>(array: T, length: number): T {
  if (length <= array.length) return array;
  const grown = new (array.constructor as new (length: number) => T)(
    Math.max(length, array.length * 2, minCapacity),
  );
  grown.set(array);
  return grown;
}

/** Unpacks `rows` bits of an Arrow bitmap, starting at bit `from`, into bytes of 0 and 1, starting at byte `at`. */
export function unpackBits(
  bitmap: Uint8Array,
  from: number,
  rows: number,
  to: Uint8Array,
  at: number,
): void {
  for (let row = 0; row < rows; row++) {
    const bit = row + from;
    to[at + row] = ((bitmap[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  }
}

/** Packs bytes of 0 and 1 into an Arrow bitmap: the least significant bit first. */
export function packBits(flags: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 8));
  for (let row = 0; row < flags.length; row++)
    if (flags[row]) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  return bits;
}

/** Returns the bytes at the positions given, in their order. */
export function takeBytes(bytes: Uint8Array, order: Uint32Array): Uint8Array {
  const taken = new Uint8Array(order.length);
  let index = 0;
  for (const row of order) taken[index++] = bytes[row] ?? 0;
  return taken;
}

/** The members of Arrow's `Data` that say which values are null. The bitmap may be left out where no value is. */
export interface Nulls {
  readonly nullBitmap?: Uint8Array;
  readonly nullCount: number;
}

/** Packs bytes, 1 for each row that has a value, as Arrow's null bitmap and count. */
export function nullsOf(valid: Uint8Array): Nulls {
  let nullCount = 0;
  for (const flag of valid) nullCount += 1 - flag;
  return { nullBitmap: packBits(valid), nullCount };
}

/**
 * Flags for the rows that have a value: one byte each while rows are added, because single bits are slower to write.
 */
export class Validity {
  #valid = new Uint8Array(0);
  #mayHaveNulls = false;

  set(row: number, isValid: boolean): void {
    if (row >= this.#valid.length) this.#valid = withRoom(this.#valid, row + 1);
    this.#valid[row] = isValid ? 1 : 0;
    if (!isValid) this.#mayHaveNulls = true;
  }

  append(at: number, data: Data | undefined, rows: number, from: number): void {
    this.#valid = withRoom(this.#valid, at + rows);
    if (data?.nullCount === 0) {
      this.#valid.fill(1, at, at + rows);
      return;
    }
    this.#mayHaveNulls = true;
    if (data) unpackBits(data.nullBitmap, data.offset + from, rows, this.#valid, at);
    else this.#valid.fill(0, at, at + rows);
  }

  isNull(row: number): boolean {
    return this.#valid[row] === 0;
  }

  take(order: Uint32Array): Nulls {
    return this.#mayHaveNulls ? nullsOf(takeBytes(this.#valid, order)) : { nullCount: 0 };
  }

  first(rows: number): Nulls {
    return this.#mayHaveNulls ? nullsOf(this.#valid.subarray(0, rows)) : { nullCount: 0 };
  }

  get byteLength(): number {
    return this.#valid.byteLength;
  }
}

/**
 * End of each row's values, counted in bytes of text or items of lists; a row begins where the one before it ends.
 *
 * @throws RangeError where a column would hold more than Arrow's 32-bit offsets can count
 */
export class Offsets {
  #offsets = new Int32Array(1);

  /** The offsets themselves, with spare room after them. Growing replaces this array. */
  get all(): Int32Array {
    return this.#offsets;
  }

  /** Returns the end of the first `rows` rows. */
  endOf(rows: number): number {
    return this.#offsets[rows] ?? 0;
  }

  set(row: number, end: number): void {
    checkOffset(end);
    if (row + 2 > this.#offsets.length) this.#offsets = withRoom(this.#offsets, row + 2);
    this.#offsets[row + 1] = end;
  }

  /** Adds `rows` rows of a text or list column, starting at row `from`; without data, adds as many empty rows. */
  append(at: number, data: Data | undefined, rows: number, from: number): void {
    const start = this.endOf(at);
    const added = data?.valueOffsets as Int32Array | undefined;
    const shift = start - (added?.[from] ?? 0);
    if (added) checkOffset(shift + (added[from + rows] ?? 0));
    const offsets = (this.#offsets = withRoom(this.#offsets, at + rows + 1));
    if (!added) offsets.fill(start, at + 1, at + rows + 1);
    else for (let row = 1; row <= rows; row++) offsets[at + row] = shift + (added[from + row] ?? 0);
  }

  /** Returns the offsets of the rows in `order`, laid one after another. */
  take(order: Uint32Array): Int32Array {
    const offsets = this.#offsets;
    const taken = new Int32Array(order.length + 1);
    let end = 0;
    let index = 0;
    for (const row of order) {
      end += (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
      taken[++index] = end;
    }
    checkOffset(end);
    return taken;
  }

  first(rows: number): Int32Array {
    return this.#offsets.slice(0, rows + 1);
  }

  get byteLength(): number {
    return this.#offsets.byteLength;
  }
}

function checkOffset(end: number): void {
  if (end > maxOffset)
    throw new RangeError(
      `a column can't hold ${end} bytes of text or items of lists; Arrow counts them up to ${maxOffset}`,
    );
}
