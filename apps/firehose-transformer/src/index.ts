export { transformerHandler, type TransformerHandler, type TransformerOptions } from './handler';
export { kinesisStream } from './kinesis-stream';
export { maxResponseBytes } from './plan-answer';
export { maxAttempts, type PutOutcome, type StreamEntry, type StreamPort } from './requeue';
export type { InvocationCounts, Telemetry } from './telemetry';
