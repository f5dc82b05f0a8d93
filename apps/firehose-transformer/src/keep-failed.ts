// Stores the originals of failed records that must not be stored in clear.
import { lakeDate, sealedErrorsKey } from '@sluice/lake-layout/keys';
import type { HashKeys } from '@sluice/privacy';
import { sealFailedRecord, type RecordOrigin } from '@sluice/record-flattening';
import { createHash } from 'node:crypto';
import type { PutObject } from './lake-objects';
import type { RecordFault } from './transform-record';

/** A failed record with the reason, which contains none of the record's values. */
export interface FailedOriginal {
  readonly recordId: string;
  readonly origin: RecordOrigin;
  /** The original record, in base64. */
  readonly data: string;
  readonly fault: RecordFault;
}

/** Stores failed records encrypted. @throws where they could not be stored */
export type KeepFailed = (records: readonly FailedOriginal[]) => Promise<void>;

/**
 * Returns a function that stores failed records as lines like those of Firehose's error output, with the original
 * encrypted. Firehose itself would store the original in clear, whatever the function answers (developer guide:
 * data-transformation-failure-handling).
 */
export const keepFailedSealed =
  ({
    table,
    keys,
    put,
    now = Date.now,
  }: {
    readonly table: string;
    readonly keys: HashKeys;
    readonly put: PutObject;
    readonly now?: () => number;
  }): KeepFailed =>
  async (records) => {
    const [first] = records;
    if (!first) return;
    const lines = records.map(({ origin, data, fault }) => {
      const bytes = Buffer.from(data, 'base64');
      return `${JSON.stringify(sealFailedRecord({ origin, bytes, fault, nowMs: now() }, table, keys))}\n`;
    });
    // A batch that Firehose sends again has the same records, and so becomes the same object.
    const unique = createHash('sha256')
      .update(records.map(({ origin }) => `${origin.shardId}:${origin.sequenceNumber}`).join())
      .digest('hex')
      .slice(0, 32);
    const key = sealedErrorsKey(table, lakeDate(first.origin.arrivalMs), {
      unique,
      records: records.length,
    });
    await put(key, new TextEncoder().encode(lines.join('')));
  };
