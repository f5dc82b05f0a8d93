import { CorruptParquetError } from './errors';

const broken = (): CorruptParquetError => new CorruptParquetError('a page has broken LZ4 blocks');

/**
 * Decompresses one LZ4 block (lz4: doc/lz4_Block_format.md) into exactly `plainBytes` bytes. Written here because
 * Node has no LZ4, and the packages for it accept a block that ends early.
 */
export function lz4Block(input: Uint8Array, plainBytes: number): Uint8Array {
  const out = new Uint8Array(plainBytes);
  let from = 0;
  let to = 0;
  const length = (nibble: number): number => {
    if (nibble < 15) return nibble;
    for (let total = nibble; ;) {
      const byte = input[from++];
      if (byte === undefined) throw broken();
      total += byte;
      if (byte < 255) return total;
    }
  };
  while (from < input.length) {
    const token = input[from++] ?? 0;
    const literals = length(token >> 4);
    if (from + literals > input.length || to + literals > plainBytes) throw broken();
    out.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === input.length) break;
    const offset = (input[from] ?? 0) | ((input[from + 1] ?? 0) << 8);
    from += 2;
    const matched = length(token & 15) + 4;
    if (from > input.length || offset === 0 || offset > to || to + matched > plainBytes)
      throw broken();
    // Copied byte by byte, because a match may overlap what it writes.
    for (const end = to + matched; to < end; to++) out[to] = out[to - offset] ?? 0;
  }
  if (to !== plainBytes) throw broken();
  return out;
}

const frameHeaderBytes = 8;

/**
 * Decompresses the deprecated codec LZ4: Hadoop's frames (sizes, then a block) where the bytes match them, else one
 * bare block.
 */
export function lz4Hadoop(input: Uint8Array, plainBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let offset = 0;
  let total = 0;
  while (offset + frameHeaderBytes <= input.length) {
    const plain = view.getUint32(offset);
    const stored = view.getUint32(offset + 4);
    const end = offset + frameHeaderBytes + stored;
    if (end > input.length || total + plain > plainBytes) return lz4Block(input, plainBytes);
    parts.push(lz4Block(input.subarray(offset + frameHeaderBytes, end), plain));
    total += plain;
    offset = end;
  }
  return offset === input.length && total === plainBytes
    ? Buffer.concat(parts)
    : lz4Block(input, plainBytes);
}
