import type {
  Context,
  FirehoseTransformationEvent,
  FirehoseTransformationResult,
} from 'aws-lambda';
import type { Telemetry } from './telemetry';
import type { SendRecordSpans } from './send-record-spans';
import type { BatchTransformer } from './transform-batch';

export interface TransformerHandlerOptions {
  readonly transform: BatchTransformer;
  readonly telemetry: Telemetry;
  /** Sends spans for the records whose requests are recorded. @default none are sent */
  readonly sendRecordSpans?: SendRecordSpans | undefined;
}

/** Returns the Lambda handler of a delivery stream, which answers Firehose's requests. */
export const transformerHandler =
  ({ transform, telemetry, sendRecordSpans }: TransformerHandlerOptions) =>
  async (
    { records }: FirehoseTransformationEvent,
    context: Context,
  ): Promise<FirehoseTransformationResult> => {
    telemetry.invocationBegins(context);
    const startMs = Date.now();
    const { answers, faults, counts, traced } = await transform(records);
    for (const fault of faults) telemetry.recordFailed(fault);
    if (traced.length > 0)
      await sendRecordSpans?.(traced, { startMs, endMs: Date.now(), batchRecords: records.length });
    telemetry.invocationDone(counts);
    return { records: [...answers] };
  };
