import { check, CorruptParquetError } from './errors';

/** Writes integers in as few bytes of seven bits as each needs, the least significant first. */
export class PackWriter {
  #bytes = new Uint8Array(1 << 12);
  #length = 0;

  /** Writes a count. @param value an integer of at least 0 */
  count(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80);
    this.#byte(rest);
  }

  /** Writes an integer of either sign. Small ones take one byte. */
  difference(value: number): void {
    this.count(value < 0 ? -value * 2 - 1 : value * 2);
  }

  bigDifference(value: bigint): void {
    let rest = value < 0n ? -value * 2n - 1n : value * 2n;
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  /** Writes the length of some bytes, then the bytes. */
  bytes(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes));
    grown.set(this.written());
    this.#bytes = grown;
  }
}

/** Reads the bytes of a {@link PackWriter}, never past their end. @throws CorruptParquetError */
export class PackReader {
  #offset = 0;

  constructor(readonly pack: Uint8Array) {}

  get bytesLeft(): number {
    return this.pack.length - this.#offset;
  }

  count(): number {
    let byte = this.#byte();
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = this.#byte();
      value += (byte & 0x7f) * factor;
      check(value <= Number.MAX_SAFE_INTEGER, () => 'the pack has a number beyond 2^53');
    }
    return value;
  }

  difference(): number {
    const value = this.count();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bigDifference(): bigint {
    let byte = this.#byte();
    let value = BigInt(byte & 0x7f);
    for (let shift = 7n; byte >= 0x80; shift += 7n) {
      check(shift <= 63n, () => 'the pack has a number beyond 2^64');
      byte = this.#byte();
      value += BigInt(byte & 0x7f) << shift;
    }
    return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
  }

  /** Returns a view, not a copy. */
  bytes(): Uint8Array {
    const length = this.count();
    check(length <= this.bytesLeft, () => `the pack has ${this.bytesLeft} bytes of ${length}`);
    this.#offset += length;
    return this.pack.subarray(this.#offset - length, this.#offset);
  }

  #byte(): number {
    const byte = this.pack[this.#offset];
    if (byte === undefined) throw new CorruptParquetError('the pack ends in the middle');
    this.#offset++;
    return byte;
  }
}
