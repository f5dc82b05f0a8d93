import { workerCalls } from '@sluice/worker-calls';
import type { ConversionRequest } from './conversion-worker';
import type { ConversionResult, GlueColumn } from './format-conversion';

/** Runs `convertRecords` in a separate thread, one batch after another. */
export interface ConversionThread {
  convert(
    records: readonly Uint8Array[],
    columns: readonly GlueColumn[],
  ): Promise<ConversionResult>;
  close(): Promise<void>;
}

/** Starts the thread. @param script the built `conversion-worker` */
export function startConversionThread(script: URL): ConversionThread {
  const { call, close } = workerCalls<ConversionRequest, ConversionResult>(script, 'conversion');
  return {
    convert: (records, columns) => {
      const { bytes, ends } = joined(records);
      return call({ bytes, ends, columns }, [bytes.buffer, ends.buffer]);
    },
    close,
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
