import { CorruptParquetError } from './errors';
import { thriftType } from './thrift-reader';

/**
 * A value of Thrift's compact protocol with everything nested in it, to be changed and written again. Numbers of up
 * to 64 bits are bigints, texts are their bytes.
 */
export type ThriftValue =
  | { readonly type: typeof thriftType.true | typeof thriftType.false }
  | { readonly type: typeof thriftType.byte; readonly value: number }
  | {
      readonly type: typeof thriftType.i16 | typeof thriftType.i32 | typeof thriftType.i64;
      readonly value: bigint;
    }
  | { readonly type: typeof thriftType.double; readonly value: Uint8Array }
  | { readonly type: typeof thriftType.binary; readonly value: Uint8Array }
  | {
      readonly type: typeof thriftType.list | typeof thriftType.set;
      readonly itemType: number;
      readonly items: readonly ThriftValue[];
    }
  | { readonly type: typeof thriftType.struct; readonly fields: ThriftStruct };

/** Field number → value, in ascending order of the numbers. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** Reads a struct. @returns the struct, and the offset after it. @throws CorruptParquetError */
export function readThrift(
  bytes: Uint8Array,
  start = 0,
): { readonly struct: ThriftStruct; readonly end: number } {
  const source = new ThriftSource(bytes, start);
  return { struct: source.struct(0), end: source.offset };
}

const maxDepth = 64;
const doubleBytes = 8;

class ThriftSource {
  constructor(
    readonly bytes: Uint8Array,
    public offset: number,
  ) {}

  #byte(): number {
    const byte = this.bytes[this.offset++];
    if (byte === undefined) throw new CorruptParquetError('the metadata ends in the middle');
    return byte;
  }

  #varint(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low += (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new CorruptParquetError('the metadata has a number beyond 64 bits');
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return value & 1n ? -(value >> 1n) - 1n : value >> 1n;
  }

  #take(length: number): Uint8Array {
    const start = this.offset;
    this.offset += length;
    if (this.offset > this.bytes.length)
      throw new CorruptParquetError('the metadata ends in the middle');
    return this.bytes.subarray(start, this.offset);
  }

  struct(depth: number): ThriftStruct {
    if (depth > maxDepth)
      throw new CorruptParquetError(`the metadata nests deeper than ${maxDepth}`);
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (let header = this.#byte(); header !== 0; header = this.#byte()) {
      const delta = header >> 4;
      id = delta === 0 ? Number(this.#zigzag()) : id + delta;
      fields.set(id, this.#value(header & 0x0f, depth));
    }
    return fields;
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case thriftType.true:
      case thriftType.false:
        return { type };
      case thriftType.byte:
        return { type, value: this.#byte() };
      case thriftType.i16:
      case thriftType.i32:
      case thriftType.i64:
        return { type, value: this.#zigzag() };
      case thriftType.double:
        return { type, value: this.#take(doubleBytes) };
      case thriftType.binary:
        return { type, value: this.#take(Number(this.#varint())) };
      case thriftType.list:
      case thriftType.set:
        return this.#list(type, depth);
      case thriftType.struct:
        return { type, fields: this.struct(depth + 1) };
      default:
        throw new CorruptParquetError(`the metadata has a value of the unknown type ${type}`);
    }
  }

  #list(type: typeof thriftType.list | typeof thriftType.set, depth: number): ThriftValue {
    const header = this.#byte();
    const itemType = header & 0x0f;
    const size = header >> 4 === 0x0f ? Number(this.#varint()) : header >> 4;
    const items: ThriftValue[] = [];
    const isBoolean = itemType === thriftType.true || itemType === thriftType.false;
    for (let index = 0; index < size; index++)
      items.push(this.#value(isBoolean ? thriftType.byte : itemType, depth + 1));
    return { type, itemType, items };
  }
}

export function writeThrift(struct: ThriftStruct): Uint8Array {
  const sink = new ThriftSink();
  sink.struct(struct);
  return sink.finish();
}

class ThriftSink {
  #bytes = new Uint8Array(256);
  #length = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#length + length, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #byte(byte: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = byte;
  }

  #append(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #varint(value: bigint): void {
    let rest = value;
    if (rest < 0x1000_0000n) {
      let small = Number(rest);
      for (; small >= 0x80; small >>= 7) this.#byte((small & 0x7f) | 0x80);
      this.#byte(small);
      return;
    }
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  #zigzag(value: bigint): void {
    this.#varint(value < 0n ? (-value - 1n) * 2n + 1n : value * 2n);
  }

  struct(fields: ThriftStruct): void {
    let previous = 0;
    for (const [id, value] of fields) {
      const delta = id - previous;
      if (delta > 0 && delta < 16) this.#byte((delta << 4) | value.type);
      else {
        this.#byte(value.type);
        this.#zigzag(BigInt(id));
      }
      this.#value(value);
      previous = id;
    }
    this.#byte(0);
  }

  #value(value: ThriftValue): void {
    switch (value.type) {
      case thriftType.true:
      case thriftType.false:
        return;
      case thriftType.byte:
        this.#byte(value.value);
        return;
      case thriftType.i16:
      case thriftType.i32:
      case thriftType.i64:
        this.#zigzag(value.value);
        return;
      case thriftType.double:
        this.#append(value.value);
        return;
      case thriftType.binary:
        this.#varint(BigInt(value.value.length));
        this.#append(value.value);
        return;
      case thriftType.struct:
        this.struct(value.fields);
        return;
      default: {
        const { itemType, items } = value;
        this.#byte((Math.min(items.length, 15) << 4) | itemType);
        if (items.length >= 15) this.#varint(BigInt(items.length));
        for (const item of items) this.#value(item);
      }
    }
  }
}
