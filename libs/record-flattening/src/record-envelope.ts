import { gzipSync } from 'node:zlib';
import type { RecordOrigin } from '@sluice/event-schema';
import { parseTraceLine, traceLine, traceMagicText, type RecordTrace } from '@sluice/traces';

/**
 * Origin of a record that is put into the stream again. Its new sequence number would give its events new ids, so an
 * envelope keeps the original one: a line before the original bytes,
 *
 *     \x1esluice-record/1 {"shardId":…,"sequenceNumber":…,"arrivalMs":…,"attempt":1}\n <original bytes>
 *
 * The line begins with a byte that begins no JSON text and no gzip file, so no event can be taken for an envelope.
 * Rows that were flattened before have their own envelope, `\x1esluice-rows/1`, which says that they must not be
 * flattened again.
 */
export interface RecordEnvelope {
  readonly origin: RecordOrigin;
  /** Number of times that the record was put back, from 1. */
  readonly attempt: number;
  /** `rows` where the bytes are rows as a flattener writes them. @default 'record' */
  readonly holds?: 'record' | 'rows';
  /** Trace that the record belongs to, in a line of its own after that of the envelope. */
  readonly trace?: RecordTrace | undefined;
}

export interface OpenedRecord {
  readonly bytes: Uint8Array;
  /** The envelope; undefined for a record that comes directly from its sender. */
  readonly envelope: RecordEnvelope | undefined;
  /** Trace that the gateway put before the event; undefined where its request is not recorded. */
  readonly trace: RecordTrace | undefined;
}

const magics = {
  record: new TextEncoder().encode('\x1esluice-record/1 '),
  rows: new TextEncoder().encode('\x1esluice-rows/1 '),
};
const traceMagic = new TextEncoder().encode(traceMagicText);
const lineFeed = 0x0a;
/** Largest size of an envelope's line in bytes; ours take some 200. */
const maxLineBytes = 1024;

/** Puts a record into an envelope. @param bytes the original record, or its rows, without an envelope */
export function sealRecord(
  bytes: Uint8Array,
  { origin, attempt, holds = 'record', trace }: RecordEnvelope,
): Uint8Array {
  const magic = magics[holds];
  const line = new TextEncoder().encode(
    `${JSON.stringify({ ...origin, attempt })}\n${trace ? traceLine(trace) : ''}`,
  );
  const sealed = new Uint8Array(magic.length + line.length + bytes.length);
  sealed.set(magic);
  sealed.set(line, magic.length);
  sealed.set(bytes, magic.length + line.length);
  return sealed;
}

/**
 * Does the same as {@link sealRecord}, and compresses the bytes with gzip where the result would otherwise be larger
 * than `maxBytes`. Returns undefined where even that is too large.
 */
export function sealRecordWithin(
  maxBytes: number,
  bytes: Uint8Array,
  envelope: RecordEnvelope,
): Uint8Array | undefined {
  const plain = sealRecord(bytes, envelope);
  if (plain.length <= maxBytes) return plain;
  const zipped = sealRecord(gzipSync(bytes), envelope);
  return zipped.length <= maxBytes ? zipped : undefined;
}

/**
 * Takes a record out of its envelope, and from behind the line of its trace. Bytes that only look like these are
 * returned unchanged, and are refused later because they are not JSON.
 */
export function openRecord(record: Uint8Array): OpenedRecord {
  const { bytes, envelope } = withoutEnvelope(record);
  const trace = bytes[0] === traceMagic[0] ? traceOf(bytes) : undefined;
  if (!trace) return { bytes, envelope, trace: undefined };
  return {
    bytes: bytes.subarray(bytes.indexOf(lineFeed) + 1),
    envelope: envelope && { ...envelope, trace },
    trace,
  };
}

function traceOf(bytes: Uint8Array): RecordTrace | undefined {
  if (!traceMagic.every((byte, index) => bytes[index] === byte)) return undefined;
  const lineEnd = bytes.subarray(0, maxLineBytes).indexOf(lineFeed);
  if (lineEnd < 0) return undefined;
  return parseTraceLine(new TextDecoder().decode(bytes.subarray(traceMagic.length, lineEnd)));
}

function withoutEnvelope(record: Uint8Array): Omit<OpenedRecord, 'trace'> {
  const plain = { bytes: record, envelope: undefined };
  const holds = magicOf(record);
  if (!holds) return plain;
  const lineEnd = record.subarray(0, maxLineBytes).indexOf(lineFeed);
  if (lineEnd < 0) return plain;
  const line = new TextDecoder().decode(record.subarray(magics[holds].length, lineEnd));
  const envelope = parseEnvelope(line);
  if (!envelope) return plain;
  return {
    bytes: record.subarray(lineEnd + 1),
    envelope: holds === 'rows' ? { ...envelope, holds } : envelope,
  };
}

function magicOf(record: Uint8Array): keyof typeof magics | undefined {
  if (record[0] !== magics.record[0]) return undefined;
  return (['record', 'rows'] as const).find((holds) =>
    magics[holds].every((byte, index) => record[index] === byte),
  );
}

function parseEnvelope(line: string): RecordEnvelope | undefined {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { shardId, sequenceNumber, subSequenceNumber, arrivalMs, attempt } = parsed;
  if (typeof shardId !== 'string' || typeof sequenceNumber !== 'string') return undefined;
  if (!isCount(arrivalMs) || !isCount(attempt)) return undefined;
  if (subSequenceNumber !== undefined && !isCount(subSequenceNumber)) return undefined;
  return { origin: { shardId, sequenceNumber, subSequenceNumber, arrivalMs }, attempt };
}

/** Largest number of milliseconds in a `Date`; beyond it `toISOString` throws. */
const maxCount = 8.64e15;

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxCount;
