// Thread of its own, so that writing a file of 100,000 rows does not hold up the gateway.
import { parentPort } from 'node:worker_threads';
import { convertRecords, type ConversionResult, type GlueColumn } from './format-conversion';

export interface ConversionRequest {
  readonly id: number;
  readonly records: readonly Uint8Array[];
  readonly columns: readonly GlueColumn[];
}

export type ConversionResponse =
  | { readonly id: number; readonly ok: true; readonly result: ConversionResult }
  | { readonly id: number; readonly ok: false; readonly message: string };

parentPort?.on('message', ({ id, records, columns }: ConversionRequest) => {
  let response: ConversionResponse;
  try {
    response = { id, ok: true, result: convertRecords(records, columns) };
  } catch (error) {
    response = { id, ok: false, message: (error as Error).message };
  }
  parentPort?.postMessage(response);
});
