import type { LookupLayout, ParquetBytes } from '@sluice/parquet-writing';
import { workerCalls } from '@sluice/worker-calls';
import { directCodec, type DecodedFile, type ParquetCodec } from './parquet-codec';

/** A piece of work for the thread. */
export type ParquetWork =
  | { readonly files: readonly Uint8Array[] }
  | { readonly ipc: Uint8Array; readonly layout: LookupLayout };

export type ParquetResult = readonly DecodedFile[] | ParquetBytes;

/** Work of fewer bytes is done before a thread has been told of it. */
const worthwhileBytes = 256 * 1024;
/** Files that the thread encodes or has waiting; the caller's own thread takes the others, since it is free sooner. */
const maxEncodes = 2;

/**
 * A codec with a second thread, for machines of more than one processor: raw files are decoded there while others
 * are collected here, and files are encoded on both. The thread begins with the first work that is worth it, stays
 * for the next, and keeps no process alive.
 *
 * @param script the built `parquet-worker`.
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
      // Copies: the files may share a buffer, and their owner keeps them.
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
