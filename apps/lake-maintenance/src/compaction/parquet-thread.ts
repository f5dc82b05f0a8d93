import { Worker } from 'node:worker_threads';
import type { LookupLayout, ParquetBytes } from '@sluice/parquet-writing';
import { directCodec, type DecodedFile, type ParquetCodec } from './parquet-codec';

/** A piece of work for the thread. */
export type ParquetWork =
  | { readonly files: readonly Uint8Array[] }
  | { readonly ipc: Uint8Array; readonly layout: LookupLayout };

export interface ParquetRequest {
  readonly id: number;
  readonly work: ParquetWork;
}

export type ParquetResponse =
  | { readonly id: number; readonly result: readonly DecodedFile[] | ParquetBytes }
  | { readonly id: number; readonly fault: string };

/** Less than this is done before a thread has been told of it. */
const worthwhileBytes = 256 * 1024;
/** Files that the thread encodes or has waiting. With more, the caller's own thread is free sooner. */
const maxEncodes = 2;

/**
 * A codec with a second thread, for machines of more than one processor: raw files are decoded there while others
 * are collected here, and files are encoded on both. The thread begins with the first work that is worth it, stays
 * for the next, and keeps no process alive.
 *
 * @param script the built `parquet-worker`.
 */
export function parquetThread(script: URL): ParquetCodec {
  const waiting = new Map<
    number,
    { readonly resolve: (result: never) => void; readonly reject: (error: Error) => void }
  >();
  let worker: Worker | undefined;
  let lastId = 0;
  let encodes = 0;

  const start = (): Worker => {
    const started = new Worker(script);
    started.on('message', (response: ParquetResponse) => {
      const caller = waiting.get(response.id);
      waiting.delete(response.id);
      if (waiting.size === 0) started.unref();
      if ('fault' in response) caller?.reject(new Error(response.fault));
      else caller?.resolve(response.result as never);
    });
    const fail = (error: Error): void => {
      if (worker !== started) return;
      worker = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('error', fail);
    started.on('exit', (code) => fail(new Error(`the Parquet thread ended with ${code}`)));
    return started;
  };
  const ask = <Result>(work: ParquetWork, transfer: readonly Uint8Array[]): Promise<Result> =>
    new Promise((resolve, reject) => {
      worker ??= start();
      worker.ref();
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage(
        { id, work } satisfies ParquetRequest,
        transfer.map(({ buffer }) => buffer as ArrayBuffer),
      );
    });

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
