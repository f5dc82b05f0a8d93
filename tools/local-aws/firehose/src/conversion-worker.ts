// A separate thread, so that writing a file of 100,000 rows does not block the gateway.
import { answerCalls } from '@sluice/worker-calls';
import { convertRecords, type ConversionResult, type GlueColumn } from './format-conversion';

export interface ConversionRequest {
  /**
   * The records one after another, in one array that can be moved to the thread; 100,000 small ones would be copied.
   */
  readonly bytes: Uint8Array;
  /** Offset in `bytes` at which each record ends, exclusive. */
  readonly ends: Uint32Array;
  readonly columns: readonly GlueColumn[];
}

answerCalls<ConversionRequest, ConversionResult>(({ bytes, ends, columns }) => {
  const records = Array.from(ends, (end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
  return { result: convertRecords(records, columns) };
});
