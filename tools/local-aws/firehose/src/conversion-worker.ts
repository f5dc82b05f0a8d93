// Thread of its own, so that writing a file of 100,000 rows does not hold up the gateway.
import { parentPort } from 'node:worker_threads';
import { convertRecords, type ConversionResult, type GlueColumn } from './format-conversion';

export interface ConversionRequest {
  readonly id: number;
  /** The records one after another: one array to hand over, where 100,000 small ones would be copied. */
  readonly bytes: Uint8Array;
  /** Where each record ends in them. */
  readonly ends: Uint32Array;
  readonly columns: readonly GlueColumn[];
}

export type ConversionResponse =
  | { readonly id: number; readonly ok: true; readonly result: ConversionResult }
  | { readonly id: number; readonly ok: false; readonly message: string };

parentPort?.on('message', ({ id, bytes, ends, columns }: ConversionRequest) => {
  let response: ConversionResponse;
  try {
    const records = Array.from(ends, (end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
    response = { id, ok: true, result: convertRecords(records, columns) };
  } catch (error) {
    response = { id, ok: false, message: (error as Error).message };
  }
  parentPort?.postMessage(response);
});
