import type {
  FirehoseTransformationEvent,
  FirehoseTransformationResult,
  FirehoseTransformationResultRecord,
} from 'aws-lambda';
import type { Flattener } from '@sluice/record-flattening';
import { maxResponseBytes, planAnswer } from './plan-answer';
import {
  maxAttempts,
  requeue,
  requeuedEntry,
  type RequeueOptions,
  type StreamEntry,
  type StreamPort,
} from './requeue';
import type { Telemetry } from './telemetry';
import { RecordTransformer, type RecordFault, type TransformedRecord } from './transform-record';

export interface TransformerOptions {
  readonly flattener: Flattener;
  /** The stream that surplus records go back to. */
  readonly stream: StreamPort;
  readonly telemetry: Telemetry;
  /** @default 6,000,000 */
  readonly responseLimitBytes?: number;
  readonly requeueOptions?: RequeueOptions;
}

export type TransformerHandler = (
  event: FirehoseTransformationEvent,
) => Promise<FirehoseTransformationResult>;

/**
 * The function behind a delivery stream: every record of the request has exactly one answer. A bad record
 * is an answer too; only a broken system throws, and Firehose then tries the whole request again.
 */
export function transformerHandler({
  flattener,
  stream,
  telemetry,
  responseLimitBytes = maxResponseBytes,
  requeueOptions = {},
}: TransformerOptions): TransformerHandler {
  const transformer = new RecordTransformer(flattener);
  return async ({ records }) => {
    const transformed = records.map((record) => transformer.transform(record));
    const originals = records.map(({ data }) => data);
    const { answered, surplus, tooLarge } = planAnswer(transformed, originals, responseLimitBytes);

    const answers = [...answered];
    const counts = { records: records.length, rows: 0, failed: 0, dropped: 0, requeued: 0 };
    const fail = (index: number, fault: RecordFault): void => {
      const { recordId } = transformed[index] as TransformedRecord;
      // The answer is full, so without data: Firehose keeps the original of a failed record itself.
      answers[index] ??= { recordId, result: 'ProcessingFailed' };
      counts.failed++;
      telemetry.recordFailed(recordId, fault);
    };

    transformed.forEach(({ outcome }, index) => {
      if (outcome.status === 'dropped') counts.dropped++;
      else if (outcome.status === 'fault') fail(index, outcome.fault);
      else if (answered[index]) counts.rows += outcome.rows;
    });
    for (const index of tooLarge)
      fail(index, {
        code: 'response-too-large',
        path: '',
        detail: `the rows of this record alone exceed an answer of ${responseLimitBytes} bytes`,
      });

    const entries: StreamEntry[] = [];
    const entryIndexes: number[] = [];
    for (const index of surplus) {
      const entry = surplusEntry(transformed[index] as TransformedRecord, records[index]);
      if (typeof entry === 'string')
        fail(index, { code: 'response-too-large', path: '', detail: entry });
      else {
        entries.push(entry);
        entryIndexes.push(index);
      }
    }
    const refusals = await requeue(entries, stream, requeueOptions);
    entryIndexes.forEach((index, position) => {
      const refusal = refusals[position];
      if (refusal !== undefined) {
        fail(index, {
          code: 'requeue-refused',
          path: '',
          detail: `the answer is full, and the stream did not take the record back: ${refusal}`,
        });
        return;
      }
      const { recordId } = transformed[index] as TransformedRecord;
      answers[index] = { recordId, result: 'Dropped' };
      counts.requeued++;
    });

    telemetry.invocationDone(counts);
    return { records: answers as FirehoseTransformationResultRecord[] };
  };
}

/** The entry that puts a surplus record back, or a sentence that says why it can't be. */
function surplusEntry(
  { origin, attempt }: TransformedRecord,
  record: FirehoseTransformationEvent['records'][number] | undefined,
): StreamEntry | string {
  if (!record) throw new Error('a surplus record has to be one of the request');
  if (attempt >= maxAttempts)
    return `the answer is full, and the record was put back ${attempt} times already`;
  const partitionKey = record.kinesisRecordMetadata?.partitionKey;
  if (!partitionKey) return 'the answer is full, and the record has no stream to go back to';
  const original = Buffer.from(record.data, 'base64');
  return (
    requeuedEntry(original, origin, attempt + 1, partitionKey) ??
    'the answer is full, and the record with its envelope exceeds what the stream takes'
  );
}
