import type { HashKeys } from '@sluice/privacy';
import {
  asSealedRecord,
  holdsFinishedRows,
  openFailedRecord,
  openRecord,
  type RecordOrigin,
  type RecordTrace,
  type SealedRecord,
} from '@sluice/record-flattening';
import { recordDigest, type UnlocatedRecord } from './stream-positions';

/** Folders of the error output that hold records which can be sent again. */
export const errorKinds = ['processing-failed', 'format-conversion-failed', 'sealed'] as const;
export type ErrorKind = (typeof errorKinds)[number];

export const isErrorKind = (value: unknown): value is ErrorKind =>
  errorKinds.some((kind) => kind === value);

/** A record that Firehose could not deliver, read from its error output. */
export interface FailedRecord {
  readonly errorCode: string;
  readonly errorMessage: string;
  /** The record as its sender made it, or the rows that the transformer made of it, without an envelope. */
  readonly bytes: Uint8Array;
  readonly holds: 'record' | 'rows';
  /** Origin of the record; the same however often Firehose or a replay brings the record back. */
  readonly origin: RecordOrigin;
  /** Trace of the request that the record came with; it keeps it when it is sent again. */
  readonly trace?: RecordTrace | undefined;
  /** Data for finding the record in its stream; present where the error output does not name its origin. */
  readonly unlocated?: UnlocatedRecord;
}

export type ErrorLine =
  | { readonly ok: true; readonly record: FailedRecord }
  | { readonly ok: false; readonly detail: string };

export interface ErrorLineOptions {
  /** Table of the records. */
  readonly table?: string;
  /** Keys that decrypt sealed records. @default none, so that sealed records stay closed */
  readonly errorKeys?: Pick<HashKeys, 'keys'> | undefined;
}

/**
 * Returns a reader of lines of the error output, of all kinds and in both spellings of their fields (Firehose
 * developer guide: data-transformation-failure-handling, record-format-conversion).
 *
 * A conversion failure holds what the converter received: the rows that the transformer made. AWS's page does not say
 * so, and a line that holds the original is accepted as well. It names the record's position in the stream. A
 * processing failure does not; its origin has to be looked up in the stream, and until then is made from the record's
 * bytes, its arrival, and its position among equal lines of the same object.
 *
 * A sealed record is one that the transformer wrote for an event type with `privacy`. It names its position, and is
 * decrypted with the key of its version.
 */
export function errorLineReader(
  kind: ErrorKind,
  { table = '', errorKeys }: ErrorLineOptions = {},
): (line: Uint8Array) => ErrorLine {
  const seen = new Map<string, number>();
  return (line) => {
    let members: Record<string, unknown>;
    try {
      const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
      if (typeof value !== 'object' || value === null) throw new Error('it is no object');
      members = value as Record<string, unknown>;
    } catch (error) {
      return { ok: false, detail: `not a line of JSON: ${(error as Error).message}` };
    }
    if (kind === 'sealed') {
      const sealed = asSealedRecord(members);
      return sealed
        ? openedLine(sealed, table, errorKeys)
        : { ok: false, detail: 'it is no sealed record' };
    }
    const { rawData, arrivalTimestamp } = members;
    if (typeof rawData !== 'string' || typeof arrivalTimestamp !== 'number')
      return { ok: false, detail: 'it has no rawData or no arrivalTimestamp' };
    const raw = Buffer.from(rawData, 'base64');
    const { bytes, envelope, trace } = openRecord(raw);
    const digest = recordDigest(arrivalTimestamp, raw);
    const ordinal = seen.get(digest) ?? 0;
    seen.set(digest, ordinal + 1);
    const isRows = kind === 'format-conversion-failed' && holdsFinishedRows(bytes);
    const holds = envelope?.holds ?? (isRows ? 'rows' : 'record');
    return {
      ok: true,
      record: {
        errorCode: text(members['errorCode'] ?? members['lastErrorCode']),
        errorMessage: text(members['errorMessage'] ?? members['lastErrorMessage']),
        bytes,
        holds,
        ...(trace && { trace }),
        origin: envelope?.origin ?? {
          shardId: 'replay',
          ...streamPlace(members, `${digest.slice(0, 32)}-${ordinal}`),
          arrivalMs: arrivalTimestamp,
        },
        ...(!envelope && holds === 'record' && { unlocated: { arrivalMs: arrivalTimestamp, raw } }),
      },
    };
  };
}

function openedLine(
  sealed: SealedRecord,
  table: string,
  errorKeys: ErrorLineOptions['errorKeys'],
): ErrorLine {
  if (!errorKeys) return { ok: false, detail: 'it is sealed, and there is no key to open it' };
  let raw: Uint8Array;
  try {
    raw = openFailedRecord(sealed, table, errorKeys);
  } catch (error) {
    return { ok: false, detail: `it can't be opened: ${(error as Error).message}` };
  }
  const { bytes, envelope, trace } = openRecord(raw);
  const { shardId, sequenceNumber, subSequenceNumber, arrivalTimestamp } = sealed;
  return {
    ok: true,
    record: {
      errorCode: sealed.errorCode,
      errorMessage: sealed.errorMessage,
      bytes,
      holds: envelope?.holds ?? 'record',
      ...(trace && { trace }),
      origin: envelope?.origin ?? {
        shardId,
        sequenceNumber,
        ...(subSequenceNumber !== undefined && { subSequenceNumber }),
        arrivalMs: arrivalTimestamp,
      },
    },
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function streamPlace(
  { sequenceNumber, subSequenceNumber }: Record<string, unknown>,
  otherwise: string,
): Pick<RecordOrigin, 'sequenceNumber' | 'subSequenceNumber'> {
  if (typeof sequenceNumber !== 'string' || sequenceNumber === '')
    return { sequenceNumber: otherwise };
  const part = Number(subSequenceNumber ?? 0);
  return { sequenceNumber, ...(part > 0 && { subSequenceNumber: part }) };
}

const lineFeed = 0x0a;

/** Yields the lines of a file without their line feeds, skipping blank ones. */
export function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) yield bytes.subarray(start, end);
    start = end + 1;
  }
}
