import { backslash, quote } from './json-scanner';

/** Growing output. Writers below trust their caller to have reserved the room. */
export class ByteSink {
  bytes: Uint8Array;
  length = 0;

  constructor(initialBytes = 64 * 1024) {
    this.bytes = new Uint8Array(initialBytes);
  }

  /** Makes room for `count` more bytes. Replaces `bytes` when it has to grow. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  put(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  /** Copies a range. A loop beats `set` by far on the few bytes of a usual key or value. */
  copy(source: Uint8Array, start: number, end: number): void {
    if (end - start > loopLimitBytes) {
      this.bytes.set(source.subarray(start, end), this.length);
      this.length += end - start;
      return;
    }
    const bytes = this.bytes;
    let length = this.length;
    for (let at = start; at < end; at++) bytes[length++] = source[at] as number;
    this.length = length;
  }

  /** Copies ASCII text. */
  text(text: string): void {
    for (let at = 0; at < text.length; at++) this.bytes[this.length++] = text.charCodeAt(at);
  }

  /**
   * Copies valid JSON text as the inside of a JSON string: at most two bytes for one, since the only
   * control characters that JSON text can hold are tab, line feed and carriage return.
   */
  escaped(source: Uint8Array, start: number, end: number): void {
    const bytes = this.bytes;
    let length = this.length;
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

const loopLimitBytes = 96;
