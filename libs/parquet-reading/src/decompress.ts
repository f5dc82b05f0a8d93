import * as zlib from 'node:zlib';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { CorruptParquetError, UnsupportedParquetError } from './errors';
import { lz4Block, lz4Hadoop } from './lz4';
import { zstdInJavaScript } from './zstd';

/** Names of the values of CompressionCodec (parquet-format: parquet.thrift). */
const codecNames: readonly string[] = [
  'UNCOMPRESSED',
  'SNAPPY',
  'GZIP',
  'LZO',
  'BROTLI',
  'LZ4',
  'ZSTD',
  'LZ4_RAW',
];

const codecName = (codec: number): string => codecNames[codec] ?? `number ${codec}`;

type Decompress = (bytes: Uint8Array, plainBytes: number) => Uint8Array;

/**
 * Returns zlib options that stop at the size that the page claims and write the result in one piece; zlib's default
 * of 16 KB pieces takes twice the time.
 */
const bounded = (plainBytes: number) => ({
  maxOutputLength: plainBytes,
  chunkSize: Math.max(minZlibChunkBytes, plainBytes),
});

/** The smallest `chunkSize` that zlib takes. */
const minZlibChunkBytes = 64;

/** Decompresses Zstandard: natively from Node 22.15 on, before that in JavaScript. */
const zstd: Decompress =
  'zstdDecompressSync' in zlib
    ? (bytes, plainBytes) => zlib.zstdDecompressSync(bytes, bounded(plainBytes))
    : zstdInJavaScript;

const snappy: Decompress = (bytes, plainBytes) => {
  const plain = new Uint8Array(plainBytes);
  snappyUncompress(bytes, plain);
  return plain;
};

const decompressors: Readonly<Record<string, Decompress>> = {
  SNAPPY: snappy,
  GZIP: (bytes, plainBytes) => zlib.gunzipSync(bytes, bounded(plainBytes)),
  BROTLI: (bytes, plainBytes) => zlib.brotliDecompressSync(bytes, bounded(plainBytes)),
  ZSTD: zstd,
  LZ4: lz4Hadoop,
  LZ4_RAW: lz4Block,
};

/** Decompresses a page to exactly `plainBytes` bytes, and allocates no more than that. */
export function decompress(bytes: Uint8Array, codec: number, plainBytes: number): Uint8Array {
  const name = codecName(codec);
  if (name === 'UNCOMPRESSED') return expectLength(bytes, plainBytes, name);
  const run = decompressors[name];
  if (!run) throw new UnsupportedParquetError(`the compression ${name} is not supported`);
  // An empty page may be written as no bytes at all.
  if (plainBytes === 0) return new Uint8Array();
  let plain: Uint8Array;
  try {
    plain = run(bytes, plainBytes);
  } catch (cause) {
    throw new CorruptParquetError(`a page does not decompress as ${name}`, { cause });
  }
  return expectLength(plain, plainBytes, name);
}

function expectLength(plain: Uint8Array, plainBytes: number, name: string): Uint8Array {
  if (plain.length !== plainBytes)
    throw new CorruptParquetError(
      `a page (${name}) has ${plain.length} bytes where its header says ${plainBytes}`,
    );
  return plain;
}
