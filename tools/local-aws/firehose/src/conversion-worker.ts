// Thread of its own, so that writing a file of 100,000 rows does not hold up the gateway.
import { answerCalls } from '@sluice/worker-calls';
import { convertRecords, type ConversionResult, type GlueColumn } from './format-conversion';

export interface ConversionRequest {
  /** The records one after another: one array to hand over, where 100,000 small ones would be copied. */
  readonly bytes: Uint8Array;
  /** Offset at which each record ends in them, exclusive. */
  readonly ends: Uint32Array;
  readonly columns: readonly GlueColumn[];
}

answerCalls<ConversionRequest, ConversionResult>(({ bytes, ends, columns }) => {
  const records = Array.from(ends, (end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
  return { result: convertRecords(records, columns) };
});
