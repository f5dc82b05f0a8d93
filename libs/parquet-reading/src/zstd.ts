import { Decompress } from 'fzstd';
import { CorruptParquetError } from './errors';

/**
 * Decompresses Zstandard where Node can't. Stops when more than `plainBytes` come out. (fzstd's simpler way, into a
 * buffer of that size, would hide that fewer came out.)
 */
export function zstdInJavaScript(bytes: Uint8Array, plainBytes: number): Uint8Array {
  const out = new Uint8Array(plainBytes);
  let filled = 0;
  const stream = new Decompress((part) => {
    if (filled + part.length > plainBytes)
      throw new CorruptParquetError(`a page has more than the ${plainBytes} bytes it claims`);
    out.set(part, filled);
    filled += part.length;
  });
  stream.push(bytes, true);
  return out.subarray(0, filled);
}
