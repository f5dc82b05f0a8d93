import type {
  Context,
  FirehoseTransformationEvent,
  FirehoseTransformationResult,
} from 'aws-lambda';
import type { Telemetry } from './telemetry';
import type { BatchTransformer } from './transform-batch';

export interface TransformerHandlerOptions {
  readonly transform: BatchTransformer;
  readonly telemetry: Telemetry;
}

/** Returns the Lambda handler of a delivery stream, which answers Firehose's requests. */
export const transformerHandler =
  ({ transform, telemetry }: TransformerHandlerOptions) =>
  async (
    { records }: FirehoseTransformationEvent,
    context: Context,
  ): Promise<FirehoseTransformationResult> => {
    telemetry.invocationBegins(context);
    const { answers, faults, counts } = await transform(records);
    for (const fault of faults) telemetry.recordFailed(fault);
    telemetry.invocationDone(counts);
    return { records: [...answers] };
  };
