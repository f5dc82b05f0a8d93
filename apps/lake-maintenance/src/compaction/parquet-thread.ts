import type { LookupLayout, ParquetBytes } from '@sluice/parquet-writing';
import { workerCalls } from '@sluice/worker-calls';
import { directCodec, type DecodedFile, type ParquetCodec } from './parquet-codec';

/** A task for the thread. */
export type ParquetWork =
  | { readonly files: readonly Uint8Array[] }
  | { readonly ipc: Uint8Array; readonly layout: LookupLayout };

export type ParquetResult = readonly DecodedFile[] | ParquetBytes;

/** Size in bytes below which a task takes less time than its message to a thread. */
const worthwhileBytes = 256 * 1024;
/**
 * Number of encodings that run or wait on the thread; further ones are done on the caller's thread, which is free
 * sooner.
 */
const maxEncodes = 2;

/**
 * Returns a codec with a second thread, for machines with several processors: raw files are decoded there while
 * others are collected here, and files are encoded on both. The thread starts with the first task that is large
 * enough, stays for the next, and does not keep the process alive.
 *
 * @param script the built `parquet-worker`
 */
export function parquetThread(script: URL): ParquetCodec {
  const { call } = workerCalls<ParquetWork, ParquetResult>(script, 'Parquet');
  const ask = <Result extends ParquetResult>(
    work: ParquetWork,
    transfer: readonly Uint8Array[],
  ): Promise<Result> =>
    call(
      work,
      transfer.map(({ buffer }) => buffer as ArrayBuffer),
    ) as Promise<Result>;
  let encodes = 0;

  return {
    decode(files) {
      const bytes = files.reduce((sum, file) => sum + file.length, 0);
      if (bytes < worthwhileBytes) return directCodec.decode(files);
      // Copied, because the files may share a buffer that their owner still uses.
      const copies = files.map((file) => new Uint8Array(file));
      return ask({ files: copies }, copies);
    },
    async encode(ipc, layout) {
      if (ipc.length < worthwhileBytes || encodes === maxEncodes)
        return directCodec.encode(ipc, layout);
      encodes++;
      try {
        return await ask<ParquetBytes>({ ipc, layout }, [ipc]);
      } finally {
        encodes--;
      }
    },
  };
}
