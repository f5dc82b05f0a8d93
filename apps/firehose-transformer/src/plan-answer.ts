import type { FirehoseTransformationResultRecord } from 'aws-lambda';
import type { TransformedRecord } from './transform-record';

/** The records that one answer carries, and those that don't fit into it. */
export interface AnswerPlan {
  /** Answers in the order of the request; undefined for surplus records. */
  readonly answered: readonly (FirehoseTransformationResultRecord | undefined)[];
  /** Indexes of records whose rows would fit into an answer of their own, but not into this one. */
  readonly surplus: readonly number[];
  /** Indexes of records whose rows fit into no answer. */
  readonly tooLarge: readonly number[];
}

/**
 * Largest size of an answer in bytes: 6 MB (Lambda quotas; Firehose developer guide, data-transformation). It is not
 * documented whether that means 6,000,000 bytes or 6 MiB, so this is the smaller.
 */
export const maxResponseBytes = 6_000_000;

const envelopeBytes = '{"records":[]}'.length;
/** Bytes of an entry without its id and data, including the comma after it. */
const entryBytes = '{"recordId":"","result":"ProcessingFailed","data":""},'.length;

const entrySize = (recordId: string, dataBytes: number): number =>
  // Firehose's ids consist of ASCII digits; any other character takes at most six bytes in JSON.
  entryBytes + (/^[\w.-]*$/.test(recordId) ? recordId.length : recordId.length * 6) + dataBytes;

/**
 * Decides which records one answer carries. There is always room for the entry of every record; failed ones keep
 * their original data, which came in a request with the same limit. Rows fill the remaining room, beginning with the
 * records that were put back most often, so that a surplus record has precedence the next time.
 *
 * @param originals `data` of the request's records, in order
 */
export function planAnswer(
  records: readonly TransformedRecord[],
  originals: readonly string[],
  limitBytes = maxResponseBytes,
): AnswerPlan {
  const answered: (FirehoseTransformationResultRecord | undefined)[] = [];
  const surplus: number[] = [];
  const tooLarge: number[] = [];
  let free = limitBytes - envelopeBytes;
  for (const { recordId } of records) free -= entrySize(recordId, 0);

  records.forEach(({ recordId, outcome }, index) => {
    if (outcome.status === 'dropped') answered[index] = { recordId, result: 'Dropped' };
    if (outcome.status !== 'fault') return;
    const data = originals[index] ?? '';
    const fits = data.length <= free;
    if (fits) free -= data.length;
    answered[index] = { recordId, result: 'ProcessingFailed', ...(fits && { data }) };
  });

  const byAttempt = records
    .map((_, index) => index)
    .sort((a, b) => (records[b]?.attempt ?? 0) - (records[a]?.attempt ?? 0) || a - b);
  for (const index of byAttempt) {
    const record = records[index];
    if (record?.outcome.status !== 'rows') continue;
    const { recordId } = record;
    const { data } = record.outcome;
    if (data.length <= free) {
      free -= data.length;
      answered[index] = { recordId, result: 'Ok', data };
    } else if (entrySize(recordId, data.length) > limitBytes - envelopeBytes) tooLarge.push(index);
    else surplus.push(index);
  }
  return { answered, surplus, tooLarge };
}
