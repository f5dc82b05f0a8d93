import { check, CorruptParquetError } from './errors';

/** Types of Thrift's compact protocol (thrift: doc/specs/thrift-compact-protocol.md). */
export const thriftType = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
} as const;

const maxDepth = 64;

const endsEarly = (): CorruptParquetError =>
  new CorruptParquetError('the metadata ends in the middle');

/**
 * Reads values of Thrift's compact protocol, never past the end of its bytes.
 *
 * A struct is read as `for (let id = r.field(0); id !== 0; id = r.field(id)) switch (id) { … default: r.skip(); }`.
 * No list is allocated before its length is known to fit the bytes that are left.
 */
export class ThriftReader {
  /** Type of the field that {@link field} read last. */
  type = 0;

  constructor(
    readonly bytes: Uint8Array,
    public offset = 0,
  ) {}

  /** Decides whether the next value, which must be a list, is encoded with exactly these bytes. */
  startsWith(bytes: Uint8Array): boolean {
    const end = this.offset + bytes.length;
    return (
      this.type === thriftType.list &&
      end <= this.bytes.length &&
      Buffer.compare(this.bytes.subarray(this.offset, end), bytes) === 0
    );
  }

  private byte(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) throw endsEarly();
    this.offset++;
    return byte;
  }

  /** Reads the header of a struct's next field. @returns the field's id, or 0 at the struct's end */
  field(previousId: number): number {
    const byte = this.byte();
    this.type = byte & 0x0f;
    if (this.type === 0) return 0;
    const delta = byte >> 4;
    const id = delta === 0 ? this.zigzag() : previousId + delta;
    if (id <= 0) throw new CorruptParquetError(`the metadata has a field numbered ${id}`);
    return id;
  }

  private expect(type: number): void {
    if (this.type !== type)
      throw new CorruptParquetError(
        `the metadata has a value of type ${this.type} in the place of type ${type}`,
      );
  }

  bool(): boolean {
    check(
      this.type === thriftType.true || this.type === thriftType.false,
      () => `the metadata has a value of type ${this.type} in the place of a boolean`,
    );
    return this.type === thriftType.true;
  }

  i32(): number {
    this.expect(thriftType.i32);
    return this.zigzag();
  }

  /** Reads a size, an offset or a count. A value beyond 2^53 is rejected as damage. */
  i64(): number {
    this.expect(thriftType.i64);
    return this.zigzag();
  }

  private zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  private varint(): number {
    let byte = this.byte();
    let value = byte & 0x7f;
    for (let factor = 128; byte >= 0x80; factor *= 128) {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER)
        throw new CorruptParquetError('the metadata has a number beyond 2^53');
    }
    return value;
  }

  /** Returns a view of the bytes, not a copy. */
  binary(): Uint8Array {
    this.expect(thriftType.binary);
    return this.take();
  }

  private take(): Uint8Array {
    const length = this.varint();
    const start = this.offset;
    if (length > this.bytes.length - start)
      throw new CorruptParquetError(
        `the metadata has a text of ${length} bytes where ${this.bytes.length - start} are left`,
      );
    this.offset = start + length;
    return this.bytes.subarray(start, start + length);
  }

  text(): string {
    return decodeText(this.binary());
  }

  struct(): void {
    this.expect(thriftType.struct);
  }

  /** Begins a list and returns its length. Each element takes at least one byte. */
  list(elementType: number): number {
    this.expect(thriftType.list);
    const { size, type } = this.listHeader();
    check(
      type === elementType || size === 0,
      () => `the metadata has a list of type ${type} in the place of type ${elementType}`,
    );
    this.type = type;
    return size;
  }

  private listHeader(): { readonly size: number; readonly type: number } {
    const byte = this.byte();
    const short = byte >> 4;
    const size = short === 15 ? this.varint() : short;
    if (size > this.bytes.length - this.offset)
      throw new CorruptParquetError(
        `the metadata has a list of ${size} where ${this.bytes.length - this.offset} bytes are left`,
      );
    return { size, type: byte & 0x0f };
  }

  /** Skips the value of the current field. */
  skip(depth = 0): void {
    if (depth >= maxDepth)
      throw new CorruptParquetError(`the metadata nests deeper than ${maxDepth}`);
    switch (this.type) {
      case thriftType.true:
      case thriftType.false:
        return;
      case thriftType.byte:
        this.byte();
        return;
      case thriftType.i16:
      case thriftType.i32:
      case thriftType.i64:
        while (this.byte() >= 0x80);
        return;
      case thriftType.double:
        if (this.offset + 8 > this.bytes.length) throw endsEarly();
        this.offset += 8;
        return;
      case thriftType.binary:
        this.take();
        return;
      case thriftType.list:
      case thriftType.set:
        this.skipList(depth);
        return;
      case thriftType.struct:
        for (let id = this.field(0); id !== 0; id = this.field(id)) this.skip(depth + 1);
        return;
      default:
        throw new CorruptParquetError(`the metadata has a value of the unknown type ${this.type}`);
    }
  }

  private skipList(depth: number): void {
    const { size, type } = this.listHeader();
    const isBoolean = type === thriftType.true || type === thriftType.false;
    for (let index = 0; index < size; index++) {
      this.type = isBoolean ? thriftType.byte : type;
      this.skip(depth + 1);
    }
  }
}

const textDecoder = new TextDecoder();

export const decodeText = (bytes: Uint8Array): string => textDecoder.decode(bytes);
