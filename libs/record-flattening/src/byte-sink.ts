import { backslash, quote } from './json-scanner';

/** Bytes beyond the requested range that {@link ByteSink.copy} and similar methods may read or write. */
export const copySlackBytes = 8;

/** Bytes, with a view by which several are moved at once. */
export interface ByteSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/**
 * Returns a source over bytes.
 *
 * @param bytes must end in at least {@link copySlackBytes} that are not part of the content
 */
export const byteSource = (bytes: Uint8Array): ByteSource => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

/** Output that grows. The caller must reserve room before it writes. */
export class ByteSink implements ByteSource {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  length = 0;

  constructor(initialBytes = 64 * 1024) {
    this.bytes = new Uint8Array(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. Replaces `bytes` and `view` when it has to grow. */
  reserve(count: number): void {
    const needed = this.length + count + copySlackBytes;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  put(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  /** Copies a range four bytes at a time, which for the few bytes of a usual value is far faster than `set`. */
  copy(source: ByteSource, start: number, end: number): void {
    const { length } = this;
    this.length = length + end - start;
    if (end - start > loopLimitBytes) {
      this.bytes.set(source.bytes.subarray(start, end), length);
      return;
    }
    const from = source.view;
    const to = this.view;
    const shift = length - start;
    for (let at = start; at < end; at += 4) to.setInt32(at + shift, from.getInt32(at, true), true);
  }

  /** Writes ASCII text that was packed into doubles of eight bytes each; see {@link packedText}. */
  packed(words: Float64Array, byteCount: number): void {
    const to = this.view;
    const { length } = this;
    for (let index = 0; index < words.length; index++)
      to.setFloat64(length + index * 8, words[index] as number, true);
    this.length = length + byteCount;
  }

  /** Copies ASCII text. */
  text(text: string): void {
    for (let at = 0; at < text.length; at++) this.bytes[this.length++] = text.charCodeAt(at);
  }

  /**
   * Copies valid JSON text as the content of a JSON string. Each byte becomes at most two, because the only control
   * characters that JSON text can hold are tab, line feed and carriage return.
   */
  escaped(source: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    let { length } = this;
    for (let at = start; at < end; at++) {
      const byte = source[at] as number;
      if (byte === quote || byte === backslash) bytes[length++] = backslash;
      else if (byte < 0x20) {
        bytes[length++] = backslash;
        bytes[length++] = byte === 0x0a ? 0x6e : byte === 0x0d ? 0x72 : 0x74;
        continue;
      }
      bytes[length++] = byte;
    }
    this.length = length;
  }
}

/** Length in bytes above which a native copy is faster than the loop. */
const loopLimitBytes = 128;

/** ASCII text as doubles, eight bytes each, for {@link ByteSink.packed}. */
export interface PackedText {
  readonly words: Float64Array;
  readonly byteLength: number;
}

/**
 * Packs a text, which must be ASCII: a double whose second-highest byte is above 0x7f may be a NaN, and the bytes of
 * a NaN need not be preserved.
 */
export function packedText(text: string): PackedText {
  const padded = new DataView(new ArrayBuffer(Math.ceil(text.length / 8) * 8));
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) throw new Error(`only ASCII text can be packed, and not ${text}`);
    padded.setUint8(at, code);
  }
  const words = new Float64Array(padded.byteLength / 8);
  for (let index = 0; index < words.length; index++)
    words[index] = padded.getFloat64(index * 8, true);
  return { words, byteLength: text.length };
}
