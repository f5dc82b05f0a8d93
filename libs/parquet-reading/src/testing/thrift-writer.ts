import { thriftType } from '../thrift';

/**
 * A value of Thrift's compact protocol with everything nested in it, to be written. Numbers of up to 64 bits are
 * bigints, texts are their bytes.
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

/** Writes a struct of a file that is made by hand for a test. */
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
