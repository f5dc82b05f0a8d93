import { checkFile, UnsupportedParquetError } from '@sluice/parquet-reading';
import { encodeParquet, type LookupLayout, type ParquetBytes } from '@sluice/parquet-writing';
import { decodeParquet } from './decode-parquet';

/** Parquet to Arrow's IPC stream and back: the work of compaction that needs nothing but its bytes. */
export interface ParquetCodec {
  /** Each file by itself, in their order; none is changed or kept. */
  decode(files: readonly Uint8Array[]): Promise<readonly DecodedFile[]>;
  /** @param ipc may be gone afterwards. */
  encode(ipc: Uint8Array, layout: LookupLayout): Promise<ParquetBytes>;
}

/** An IPC stream, or why the file is broken. */
export type DecodedFile = { readonly ipc: Uint8Array } | { readonly fault: string };

export function decodeFiles(files: readonly Uint8Array[]): readonly DecodedFile[] {
  return files.map((bytes) => {
    try {
      checkPages(bytes);
      return { ipc: decodeParquet(bytes) };
    } catch (error) {
      return { fault: (error as Error).message };
    }
  });
}

/** @throws CorruptParquetError where a checksum of the file is wrong */
function checkPages(bytes: Uint8Array): void {
  try {
    checkFile(bytes);
  } catch (error) {
    // What is only unknown to our reader may be known to the one that decodes.
    if (!(error instanceof UnsupportedParquetError)) throw error;
  }
}

/** Works at once, on the thread of its caller. */
export const directCodec: ParquetCodec = {
  decode: (files) => Promise.resolve(decodeFiles(files)),
  encode: (ipc, layout) => Promise.resolve(encodeParquet(ipc, layout)),
};
