import { checkFile, UnsupportedParquetError } from '@sluice/parquet-reading';
import { encodeParquet, type LookupLayout, type ParquetBytes } from '@sluice/parquet-writing';
import { decodeParquet } from './decode-parquet';

/** Converts Parquet to Arrow's IPC stream and back: the part of compaction that needs only bytes. */
export interface ParquetCodec {
  /** Decodes each file separately, in order. The files are neither changed nor kept. */
  decode(files: readonly Uint8Array[]): Promise<readonly DecodedFile[]>;
  /** Encodes rows. @param ipc may be unusable afterwards */
  encode(ipc: Uint8Array, layout: LookupLayout): Promise<ParquetBytes>;
}

/** An IPC stream, or the reason why the file is broken. */
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

/** Checks the pages of a file. @throws CorruptParquetError where a checksum is wrong */
function checkPages(bytes: Uint8Array): void {
  try {
    checkFile(bytes);
  } catch (error) {
    // A feature that our reader does not support may be supported by the one that decodes.
    if (!(error instanceof UnsupportedParquetError)) throw error;
  }
}

/** Codec that works synchronously on the caller's thread. */
export const directCodec: ParquetCodec = {
  decode: (files) => Promise.resolve(decodeFiles(files)),
  encode: (ipc, layout) => Promise.resolve(encodeParquet(ipc, layout)),
};
