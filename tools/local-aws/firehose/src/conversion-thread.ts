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
        const { bytes, ends } = joined(records);
        worker.postMessage({ id, bytes, ends, columns } satisfies ConversionRequest, [
          bytes.buffer,
          ends.buffer,
        ]);
      }),
    close: async () => {
      const running = worker;
      worker = undefined;
      await running?.terminate();
    },
  };
}

function joined(records: readonly Uint8Array[]): {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
} {
  const ends = new Uint32Array(records.length);
  let length = 0;
  records.forEach((record, index) => (ends[index] = length += record.length));
  const bytes = new Uint8Array(length);
  records.forEach((record, index) => {
    bytes.set(record, ends[index - 1] ?? 0);
  });
  return { bytes, ends };
}
