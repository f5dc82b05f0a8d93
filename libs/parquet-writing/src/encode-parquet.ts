import { crc32 } from 'node:zlib';
import {
  Compression,
  EnabledStatistics,
  Table as WasmTable,
  WriterPropertiesBuilder,
  writeParquet as writeWasmParquet,
  type WriterProperties,
} from 'parquet-wasm';
import { withPageChecksums } from './page-checksums';
import type { ParquetLayout } from './parquet-layout';

export interface ParquetBytes {
  readonly bytes: Uint8Array;
  /** Size of the footer in bytes: metadata, its length field and the closing magic. */
  readonly footerBytes: number;
  /** CRC-32 of the footer. It is kept outside of the file, because the format has no place for it. */
  readonly footerCrc32: number;
}

/** Encodes rows as one Parquet file, with a checksum for each page. @param ipc the rows as a stream of Arrow IPC */
export function encodeParquet(ipc: Uint8Array, layout: ParquetLayout): ParquetBytes {
  const bytes = withPageChecksums(
    writeWasmParquet(WasmTable.fromIPCStream(ipc), writerProperties(layout)),
  );
  const footerLength = footerBytes(bytes);
  const footerCrc32 = crc32(bytes.subarray(bytes.length - footerLength));
  return { bytes, footerBytes: footerLength, footerCrc32 };
}

const codecs = {
  snappy: Compression.SNAPPY,
  zstd: Compression.ZSTD,
  uncompressed: Compression.UNCOMPRESSED,
} as const;

/** Returns the encoder's settings. Each call of parquet-wasm's builder consumes the builder and returns a new one. */
export function writerProperties({
  codec,
  rowGroupRows,
  statistics,
  plain = [],
}: ParquetLayout): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCreatedBy('sluice')
    .setCompression(codecs[codec])
    .setMaxRowGroupSize(rowGroupRows)
    .setStatisticsEnabled(statistics === 'all' ? EnabledStatistics.Chunk : EnabledStatistics.None);
  if (statistics !== 'all')
    for (const column of statistics)
      builder = builder.setColumnStatisticsEnabled(column, EnabledStatistics.Chunk);
  for (const column of plain) builder = builder.setColumnDictionaryEnabled(column, false);
  return builder.build();
}

/** Closing magic and the length field before it (parquet-format, file format). */
const trailerBytes = 8;

function footerBytes(bytes: Uint8Array): number {
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - trailerBytes);
  return trailer.getUint32(0, true) + trailerBytes;
}
