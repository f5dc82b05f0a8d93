import type { FirehoseTransformationEventRecord } from 'aws-lambda';
import type { KeyedHash } from '@sluice/privacy';
import {
  compileRowCheck,
  openRecord,
  unzip,
  type FlattenFault,
  type Flattener,
  type FlattenResult,
  type RecordOrigin,
  type RecordTrace,
  type RowCheck,
} from '@sluice/record-flattening';
import { withoutRows, type IsLeftOut } from './suppressed-people';

/** Reason for a failed record: a fault of the flattener, or one of the transformer's own. */
export interface RecordFault extends Omit<FlattenFault, 'code'> {
  readonly code:
    | FlattenFault['code']
    | 'malformed-gzip'
    | 'response-too-large'
    | 'requeue-refused'
    /** The transformer itself is at fault. */
    | 'internal';
}

/** Result for a record, before the size of the answer is considered. */
export type RecordOutcome =
  | {
      readonly status: 'rows';
      readonly rows: number;
      readonly data: string;
      /** Number of further rows that were dropped because they name suppressed people. */
      readonly suppressed?: number;
    }
  | { readonly status: 'dropped'; readonly suppressed?: number }
  | { readonly status: 'fault'; readonly fault: RecordFault };

export interface TransformedRecord {
  readonly recordId: string;
  readonly outcome: RecordOutcome;
  /** Position in the stream when the record first arrived, before it was put back. */
  readonly origin: RecordOrigin;
  /** Number of times that it was put back. */
  readonly attempt: number;
  /** Trace of its request; undefined where that is not recorded. */
  readonly trace?: RecordTrace | undefined;
}

/** Transforms one record after another, in its own memory, which is reused for each. */
export class RecordTransformer {
  readonly #flattener: Flattener;
  #rowCheck: RowCheck | undefined;
  #input = Buffer.allocUnsafe(64 * 1024);
  /** A view of the flattener's memory, kept for as long as that memory is not replaced. */
  #output = Buffer.alloc(0);

  /** @param hash hash function for values with the rule `hash`, if the event type has any */
  constructor(
    flattener: Flattener,
    private readonly hash?: KeyedHash,
  ) {
    this.#flattener = flattener;
  }

  /** @param isLeftOut decides which rows are dropped; none where it is undefined */
  transform(record: FirehoseTransformationEventRecord, isLeftOut?: IsLeftOut): TransformedRecord {
    const { bytes, envelope, trace } = openRecord(this.#decode(record.data));
    const origin = envelope?.origin ?? recordOrigin(record);
    return {
      recordId: record.recordId,
      outcome: this.#outcome(bytes, origin, envelope?.holds === 'rows', isLeftOut),
      origin,
      attempt: envelope?.attempt ?? 0,
      trace,
    };
  }

  #decode(base64: string): Uint8Array {
    const maxBytes = Math.ceil(base64.length / 4) * 3;
    if (maxBytes > this.#input.length) this.#input = Buffer.allocUnsafe(2 * maxBytes);
    return this.#input.subarray(0, this.#input.write(base64, 'base64'));
  }

  #outcome(
    bytes: Uint8Array,
    origin: RecordOrigin,
    holdsRows: boolean,
    isLeftOut: IsLeftOut | undefined,
  ): RecordOutcome {
    let text: Uint8Array;
    try {
      text = unzip(bytes);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { status: 'fault', fault: { code: 'malformed-gzip', path: '', detail } };
    }
    const result = holdsRows ? this.#checkRows(text) : this.#flattener.flatten(text, origin);
    if (result.status !== 'rows') return result;
    const { buffer, byteOffset, byteLength } = result.bytes;
    if (this.#output.buffer !== buffer) this.#output = Buffer.from(buffer);
    if (isLeftOut) {
      const text = this.#output.toString('utf8', byteOffset, byteOffset + byteLength);
      const { rows, leftOut } = withoutRows(text, isLeftOut);
      if (leftOut === result.rows) return { status: 'dropped', suppressed: leftOut };
      if (leftOut > 0)
        return {
          status: 'rows',
          rows: result.rows - leftOut,
          data: Buffer.from(rows).toString('base64'),
          suppressed: leftOut,
        };
    }
    const data = this.#output.toString('base64', byteOffset, byteOffset + byteLength);
    return { status: 'rows', rows: result.rows, data };
  }

  #checkRows(rows: Uint8Array): FlattenResult {
    return (this.#rowCheck ??= compileRowCheck(this.#flattener.eventType, {
      hash: this.hash,
    })).check(rows);
  }
}

/** Returns a failed record for one at which the transformer broke down. */
export const brokenRecord = (record: FirehoseTransformationEventRecord): TransformedRecord => ({
  recordId: record.recordId,
  outcome: {
    status: 'fault',
    fault: { code: 'internal', path: '', detail: 'the transformer broke down over the record' },
  },
  origin: recordOrigin(record),
  attempt: 0,
});

/**
 * Returns a record's position in its stream. For a delivery stream without a Kinesis source, the record's id, which
 * is just as unique, replaces the position.
 */
function recordOrigin(record: FirehoseTransformationEventRecord): RecordOrigin {
  const metadata = record.kinesisRecordMetadata;
  if (!metadata)
    return {
      shardId: 'direct',
      sequenceNumber: record.recordId,
      arrivalMs: record.approximateArrivalTimestamp,
    };
  // Empty for a record that is not part of an aggregated one. Typed as text, but also seen as a number.
  const subSequenceNumber = Number(metadata.subsequenceNumber);
  return {
    shardId: metadata.shardId,
    sequenceNumber: metadata.sequenceNumber,
    ...(subSequenceNumber > 0 && { subSequenceNumber }),
    arrivalMs: metadata.approximateArrivalTimestamp,
  };
}
