import type { RecordOrigin } from '@sluice/event-schema';
import { openBytes, sealBytes, type HashKeys } from '@sluice/privacy';
import type { FlattenFault } from './fault';

/** A failed record whose original must not be stored in clear, as a line of the error output describes it. */
export interface SealedRecord {
  readonly arrivalTimestamp: number;
  /** Time when delivery was abandoned, in milliseconds since 1970. */
  readonly attemptEndingTimestamp: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** JSON pointer to the faulty value. */
  readonly pointer: string;
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly subSequenceNumber?: number | undefined;
  readonly keyVersion: string;
  /** The original record, encrypted, in base64. */
  readonly sealedData: string;
}

/**
 * Returns the text that binds a sealed record to its table and position, so that it can't be presented as another
 * record.
 */
const placeOf = (
  table: string,
  { shardId, sequenceNumber }: Pick<RecordOrigin, 'shardId' | 'sequenceNumber'>,
): string => `${table} ${shardId}:${sequenceNumber}`;

/** Encrypts a failed record of a table. */
export function sealFailedRecord(
  {
    origin,
    bytes,
    fault,
    nowMs,
  }: {
    readonly origin: RecordOrigin;
    /** The original record. */
    readonly bytes: Uint8Array;
    readonly fault: Omit<FlattenFault, 'code'> & { readonly code: string };
    readonly nowMs: number;
  },
  table: string,
  keys: HashKeys,
): SealedRecord {
  const { keyVersion, sealed } = sealBytes(keys, bytes, placeOf(table, origin));
  const { arrivalMs, ...place } = origin;
  return {
    arrivalTimestamp: arrivalMs,
    attemptEndingTimestamp: nowMs,
    errorCode: fault.code,
    errorMessage: fault.detail,
    pointer: fault.path,
    ...place,
    keyVersion,
    sealedData: Buffer.from(sealed).toString('base64'),
  };
}

/** Decrypts a failed record. @throws UnsealError, PrivacySecretError */
export const openFailedRecord = (
  record: SealedRecord,
  table: string,
  keys: Pick<HashKeys, 'keys'>,
): Uint8Array =>
  openBytes(
    keys,
    { keyVersion: record.keyVersion, sealed: Buffer.from(record.sealedData, 'base64') },
    placeOf(table, record),
  );

/** Reads the members of a line as a sealed record; undefined where they are not one. */
export function asSealedRecord(
  members: Readonly<Record<string, unknown>>,
): SealedRecord | undefined {
  const texts = [
    'errorCode',
    'errorMessage',
    'pointer',
    'shardId',
    'sequenceNumber',
    'keyVersion',
    'sealedData',
  ];
  if (!texts.every((name) => typeof members[name] === 'string')) return undefined;
  if (typeof members['arrivalTimestamp'] !== 'number') return undefined;
  return members as unknown as SealedRecord;
}
