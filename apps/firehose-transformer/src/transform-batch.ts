import type {
  FirehoseTransformationEventRecord,
  FirehoseTransformationResultRecord,
} from 'aws-lambda';
import { eventIdColumn } from '@sluice/event-schema';
import type { OutgoingRecord } from '@sluice/aws-clients/put-all-records';
import type { Flattener } from '@sluice/record-flattening';
import { maxResponseBytes, planAnswer } from './plan-answer';
import { maxPutBacks, putBackRecord, type PutBack } from './put-back';
import type { KeyedHash } from '@sluice/privacy';
import type { FailedOriginal, KeepFailed } from './keep-failed';
import type { TracedRecord } from './record-spans';
import type { FindSuppressed, IsLeftOut } from './suppressed-people';
import {
  brokenRecord,
  RecordTransformer,
  type RecordFault,
  type TransformedRecord,
} from './transform-record';

export interface BatchTransformerOptions {
  readonly flattener: Flattener;
  readonly putBack: PutBack;
  /** Hash function for values with the rule `hash`; required where the event type has any. */
  readonly hash?: KeyedHash | undefined;
  /**
   * Stores failed records of event types whose originals must not be stored in clear. They are then answered with
   * `Dropped`, so that Firehose stores nothing of them.
   *
   * @default Firehose stores them in its error output
   */
  readonly keepFailed?: KeepFailed | undefined;
  /** Finds whose rows to drop, for event types with a `subject`. @default no rows are dropped */
  readonly findSuppressed?: FindSuppressed | undefined;
  /** Largest size of an answer in bytes. @default 6,000,000 */
  readonly responseLimitBytes?: number;
}

/** Number of records of a batch, by outcome. */
export interface BatchCounts {
  readonly records: number;
  readonly rows: number;
  readonly failed: number;
  readonly dropped: number;
  readonly requeued: number;
  /** Number of rows, not of records, that were dropped because they name suppressed people. */
  readonly suppressed: number;
}

export interface TransformedBatch {
  /** One answer for each record of the batch, in their order. */
  readonly answers: readonly FirehoseTransformationResultRecord[];
  /** Faults of the failed records. */
  readonly faults: readonly (RecordFault & { readonly recordId: string })[];
  readonly counts: BatchCounts;
  /** Records of recorded requests, except those that were put back into the stream; at most {@link maxTraced}. */
  readonly traced: readonly TracedRecord[];
}

/** Largest number of records of a batch for which spans are sent, whatever share of the requests is recorded. */
export const maxTraced = 50;

export type BatchTransformer = (
  records: readonly FirehoseTransformationEventRecord[],
) => Promise<TransformedBatch>;

/**
 * Returns a function that transforms a batch of Firehose's records, each to exactly one answer. A bad record is an
 * answer too; only a broken system throws, and Firehose then tries the whole batch again.
 */
export function batchTransformer({
  flattener,
  putBack,
  hash,
  keepFailed,
  findSuppressed,
  responseLimitBytes = maxResponseBytes,
}: BatchTransformerOptions): BatchTransformer {
  const transformer = new RecordTransformer(flattener, hash);
  const transformOne = (
    record: FirehoseTransformationEventRecord,
    isLeftOut: IsLeftOut | undefined,
  ): TransformedRecord => {
    if (!keepFailed) return transformer.transform(record, isLeftOut);
    try {
      return transformer.transform(record, isLeftOut);
    } catch {
      // If this were thrown, Firehose would store the whole batch in clear.
      return brokenRecord(record);
    }
  };
  return async (records) => {
    const isLeftOut = await findSuppressed?.();
    const transformed = records.map((record) => transformOne(record, isLeftOut));
    const originals = keepFailed ? [] : records.map(({ data }) => data);
    const { answered, surplus, tooLarge } = planAnswer(transformed, originals, responseLimitBytes);

    const answers = [...answered];
    const faults: (RecordFault & { readonly recordId: string })[] = [];
    const failed: FailedOriginal[] = [];
    const counts = {
      records: records.length,
      rows: 0,
      failed: 0,
      dropped: 0,
      requeued: 0,
      suppressed: 0,
    };
    const fail = (index: number, fault: RecordFault): void => {
      const { recordId } = transformed[index] as TransformedRecord;
      if (keepFailed) {
        const { origin } = transformed[index] as TransformedRecord;
        failed.push({ recordId, origin, data: records[index]?.data ?? '', fault });
        answers[index] = { recordId, result: 'Dropped' };
      }
      // The answer is full, so the data is left out: Firehose keeps the original of a failed record itself.
      answers[index] ??= { recordId, result: 'ProcessingFailed' };
      counts.failed++;
      faults.push({ recordId, ...fault });
    };

    transformed.forEach(({ outcome }, index) => {
      if (outcome.status === 'fault') fail(index, outcome.fault);
      // Records that go back into the stream are counted when they come out again.
      else if (answered[index]) {
        counts.suppressed += outcome.suppressed ?? 0;
        if (outcome.status === 'dropped') counts.dropped++;
        else counts.rows += outcome.rows;
      }
    });
    for (const index of tooLarge)
      fail(index, {
        code: 'response-too-large',
        path: '',
        detail: `the rows of this record alone exceed an answer of ${responseLimitBytes} bytes`,
      });

    const outgoing: OutgoingRecord[] = [];
    const outgoingIndexes: number[] = [];
    for (const index of surplus) {
      const record = surplusRecord(transformed[index] as TransformedRecord, records[index]);
      if (typeof record === 'string')
        fail(index, { code: 'response-too-large', path: '', detail: record });
      else {
        outgoing.push(record);
        outgoingIndexes.push(index);
      }
    }
    const refused = outgoing.length > 0 ? await putBack(outgoing) : [];
    const refusals = new Map(refused.map(({ index, code }) => [index, code]));
    outgoingIndexes.forEach((index, position) => {
      const refusal = refusals.get(position);
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
    await keepFailed?.(failed);
    const faultOf = new Map(faults.map((fault) => [fault.recordId, fault]));
    const wentBack = new Set(
      outgoingIndexes.filter((index) => !faultOf.has(transformed[index]?.recordId ?? '')),
    );
    const traced = transformed.filter(({ trace }, index) => trace && !wentBack.has(index));
    return {
      answers: answers as FirehoseTransformationResultRecord[],
      faults,
      counts,
      traced: traced
        .slice(0, maxTraced)
        .flatMap((record) => tracedRecord(record, faultOf.get(record.recordId)) ?? []),
    };
  };
}

function tracedRecord(
  { trace, origin, attempt, outcome }: TransformedRecord,
  fault: RecordFault | undefined,
): TracedRecord | undefined {
  if (!trace) return undefined;
  const record = { trace, origin, attempt };
  if (fault) return { ...record, rows: 0, fault: { code: fault.code, path: fault.path } };
  if (outcome.status !== 'rows') return { ...record, rows: 0 };
  return { ...record, rows: outcome.rows, eventId: firstEventId(outcome.data) };
}

/** Returns the id of the first of a record's rows. */
function firstEventId(data: string): string | undefined {
  const [line = ''] = Buffer.from(data, 'base64').toString().split('\n', 1);
  const id = (JSON.parse(line) as Readonly<Record<string, unknown>>)[eventIdColumn.name];
  return typeof id === 'string' ? id : undefined;
}

/** Returns the record with which a surplus one is put back, or a sentence about why that is not possible. */
function surplusRecord(
  { origin, attempt }: TransformedRecord,
  record: FirehoseTransformationEventRecord | undefined,
): OutgoingRecord | string {
  if (!record) throw new Error('a surplus record has to be one of the batch');
  if (attempt >= maxPutBacks)
    return `the answer is full, and the record was put back ${attempt} times already`;
  const partitionKey = record.kinesisRecordMetadata?.partitionKey;
  if (!partitionKey) return 'the answer is full, and the record has no stream to go back to';
  const original = Buffer.from(record.data, 'base64');
  return (
    putBackRecord(original, origin, attempt + 1, partitionKey) ??
    'the answer is full, and the record with its envelope exceeds what the stream takes'
  );
}
