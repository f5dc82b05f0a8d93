import { Worker } from 'node:worker_threads';
import type { ConversionRequest, ConversionResponse } from './conversion-worker';
import type { ConversionResult, GlueColumn } from './format-conversion';

/** Runs `convertRecords` in a thread of its own, one batch after another. */
export interface ConversionThread {
  convert(
    records: readonly Uint8Array[],
    columns: readonly GlueColumn[],
  ): Promise<ConversionResult>;
  close(): Promise<void>;
}

/** @param script the built `conversion-worker`. */
export function startConversionThread(script: URL): ConversionThread {
  const waiting = new Map<
    number,
    { resolve: (result: ConversionResult) => void; reject: (error: Error) => void }
  >();
  let worker: Worker | undefined;
  let lastId = 0;

  const start = (): Worker => {
    const started = new Worker(script);
    started.on('message', (response: ConversionResponse) => {
      const caller = waiting.get(response.id);
      waiting.delete(response.id);
      if (response.ok) caller?.resolve(response.result);
      else caller?.reject(new Error(response.message));
    });
    const fail = (error: Error): void => {
      if (worker === started) worker = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('error', fail);
    started.on('exit', (code) => fail(new Error(`the conversion thread ended with ${code}`)));
    return started;
  };

  return {
    convert: (records, columns) =>
      new Promise((resolve, reject) => {
        worker ??= start();
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, records, columns } satisfies ConversionRequest);
      }),
    close: async () => {
      const running = worker;
      worker = undefined;
      await running?.terminate();
    },
  };
}
