import { check, CorruptParquetError } from './errors';

/**
 * Fills `out` from Parquet's run-length / bit-packed hybrid (parquet-format: Encodings.md, RLE). Neither a run nor a
 * group of packed values is written beyond `out`, whatever its header says.
 *
 * @param bitWidth at most 32
 */
export function readHybrid(
  bytes: Uint8Array,
  start: number,
  end: number,
  bitWidth: number,
  out: Uint8Array | Uint32Array,
): void {
  check(bitWidth <= 32, () => `a page packs its values in ${bitWidth} bits`);
  check(end <= bytes.length, () => 'the levels of a page are longer than the page');
  const mask = bitWidth === 32 ? 0xffffffff : (1 << bitWidth) - 1;
  const runBytes = (bitWidth + 7) >> 3;
  let offset = start;
  let filled = 0;
  while (filled < out.length) {
    let header = 0;
    let factor = 1;
    for (;;) {
      const byte = offset < end ? bytes[offset] : undefined;
      if (byte === undefined) throw endsEarly(filled, out.length);
      offset++;
      header += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 128;
      check(factor <= 2 ** 35, () => 'a page has a run of impossible length');
    }
    if (header % 2 === 0) {
      if (offset + runBytes > end) throw endsEarly(filled, out.length);
      let value = 0;
      for (let index = 0; index < runBytes; index++)
        value += (bytes[offset + index] ?? 0) * 2 ** (8 * index);
      offset += runBytes;
      const runEnd = Math.min(out.length, filled + header / 2);
      out.fill(value, filled, runEnd);
      filled = runEnd;
      continue;
    }
    // Values come in groups of 8; the last group may be cut off after the values that count.
    const count = Math.min(out.length - filled, ((header - 1) / 2) * 8);
    if (offset + Math.ceil((count * bitWidth) / 8) > end) throw endsEarly(filled, out.length);
    for (let index = 0; index < count; index++) {
      const bit = index * bitWidth;
      const at = offset + (bit >> 3);
      const shift = bit & 7;
      let word =
        ((bytes[at] ?? 0) |
          ((bytes[at + 1] ?? 0) << 8) |
          ((bytes[at + 2] ?? 0) << 16) |
          ((bytes[at + 3] ?? 0) << 24)) >>>
        shift;
      if (shift !== 0 && bitWidth + shift > 32) word |= (bytes[at + 4] ?? 0) << (32 - shift);
      out[filled++] = word & mask;
    }
    offset += ((header - 1) / 2) * bitWidth;
  }
}

const endsEarly = (found: number, wanted: number): CorruptParquetError =>
  new CorruptParquetError(`a page ends after ${found} of ${wanted} values`);

/** Returns the number of bits that hold every level up to `maxLevel`. */
export const levelWidth = (maxLevel: number): number => 32 - Math.clz32(maxLevel);
