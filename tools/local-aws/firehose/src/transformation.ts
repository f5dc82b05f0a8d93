// The contract of transformations: "Data transformation and status model" and "Data transformation failure handling"
// in the Firehose developer guide.
import { backoffDelayMs } from '@sluice/waiting';
import { randomUUID } from 'node:crypto';
import type { SourceRecord } from './source-record';

/** Result of the transformation for one record. */
export type TransformedRecord =
  | { readonly kind: 'ok'; readonly source: SourceRecord; readonly data: Buffer }
  | { readonly kind: 'dropped'; readonly source: SourceRecord }
  | {
      readonly kind: 'failed';
      readonly source: SourceRecord;
      readonly attempts: number;
      readonly errorCode: TransformationErrorCode;
      readonly errorMessage: string;
    };

export type TransformationErrorCode =
  | 'Lambda.FunctionError'
  | 'Lambda.InvalidReturnFormat'
  | 'Lambda.MissingRecordId'
  | 'Lambda.DuplicatedRecordId'
  | 'Lambda.ProcessingFailedStatus';

export type InvocationOutcome =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly errorType: string; readonly message: string };

export interface TransformOptions {
  readonly deliveryStreamArn: string;
  readonly sourceStreamArn: string;
  readonly region: string;
  /** Number of further attempts after a function error. */
  readonly retries: number;
  readonly invoke: (payload: unknown) => Promise<InvocationOutcome>;
  readonly sleep: (ms: number) => Promise<void>;
}

interface ReturnedRecord {
  readonly recordId?: unknown;
  readonly result?: unknown;
  readonly data?: unknown;
}

/**
 * Invokes the function on a batch. Tries again only where the function itself failed, because a malformed answer is
 * final. Never throws because of what a function does.
 */
export async function transformBatch(
  batch: readonly SourceRecord[],
  options: TransformOptions,
): Promise<readonly TransformedRecord[]> {
  const payload = invocationPayload(batch, options);
  let attempts = 0;
  for (;;) {
    attempts++;
    const outcome = await options.invoke(payload);
    if (outcome.ok) return sortAnswer(batch, outcome.payload, attempts);
    if (attempts > options.retries)
      return batch.map((source) =>
        failure(
          source,
          attempts,
          'Lambda.FunctionError',
          `${outcome.errorType}: ${outcome.message}`,
        ),
      );
    // One stream waits for its own function, so that no jitter is needed.
    await options.sleep(backoffDelayMs(attempts, retryBounds, 1));
  }
}

const retryBounds = { firstDelayMs: 100, maxDelayMs: Infinity } as const;

const invocationPayload = (
  batch: readonly SourceRecord[],
  { deliveryStreamArn, sourceStreamArn, region }: TransformOptions,
): unknown => ({
  invocationId: randomUUID(),
  deliveryStreamArn,
  sourceKinesisStreamArn: sourceStreamArn,
  region,
  records: batch.map(
    ({ recordId, arrivalMs, data, shardId, partitionKey, sequenceNumber, subSequenceNumber }) => ({
      recordId,
      approximateArrivalTimestamp: arrivalMs,
      data,
      kinesisRecordMetadata: {
        shardId,
        partitionKey,
        approximateArrivalTimestamp: arrivalMs,
        sequenceNumber,
        subsequenceNumber: subSequenceNumber ?? 0,
      },
    }),
  ),
});

/**
 * Assigns the results of an answer to the batch's records. Ids that were not in the request are ignored, as in
 * Firehose.
 */
function sortAnswer(
  batch: readonly SourceRecord[],
  payload: unknown,
  attempts: number,
): readonly TransformedRecord[] {
  const records = (payload as { readonly records?: unknown } | null | undefined)?.records;
  if (!Array.isArray(records))
    return batch.map((source) =>
      failure(source, attempts, 'Lambda.InvalidReturnFormat', 'the answer has no array "records"'),
    );
  const answers = new Map<unknown, ReturnedRecord[]>();
  for (const answer of records as readonly (ReturnedRecord | null)[]) {
    if (!answer) continue;
    const same = answers.get(answer.recordId);
    if (same) same.push(answer);
    else answers.set(answer.recordId, [answer]);
  }
  return batch.map((source) => {
    const [answer, second] = answers.get(source.recordId) ?? [];
    if (!answer)
      return failure(source, attempts, 'Lambda.MissingRecordId', 'the answer lacks this record id');
    if (second)
      return failure(
        source,
        attempts,
        'Lambda.DuplicatedRecordId',
        'the answer has this record id twice',
      );
    return judge(source, answer, attempts);
  });
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function judge(source: SourceRecord, answer: ReturnedRecord, attempts: number): TransformedRecord {
  switch (answer.result) {
    case 'Dropped':
      return { kind: 'dropped', source };
    case 'ProcessingFailed':
      return failure(
        source,
        attempts,
        'Lambda.ProcessingFailedStatus',
        'the function answered ProcessingFailed',
      );
    case 'Ok':
      if (typeof answer.data === 'string' && base64.test(answer.data))
        return { kind: 'ok', source, data: Buffer.from(answer.data, 'base64') };
      return failure(source, attempts, 'Lambda.InvalidReturnFormat', '"data" is not base64 text');
    default:
      return failure(
        source,
        attempts,
        'Lambda.InvalidReturnFormat',
        `"result" is ${answer.result === undefined ? 'absent' : JSON.stringify(answer.result)}; Ok, Dropped and ProcessingFailed are known`,
      );
  }
}

const failure = (
  source: SourceRecord,
  attempts: number,
  errorCode: TransformationErrorCode,
  errorMessage: string,
): TransformedRecord => ({ kind: 'failed', source, attempts, errorCode, errorMessage });
