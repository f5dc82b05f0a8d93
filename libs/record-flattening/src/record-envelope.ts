import { gzipSync } from 'node:zlib';
import type { RecordOrigin } from '@sluice/event-schema';

/**
 * A record that goes into the stream a second time gets a new sequence number, and with it its events
 * would get new ids. An envelope keeps where the record was first: one line before the original bytes,
 *
 *     \x1esluice-record/1 {"shardId":…,"sequenceNumber":…,"arrivalMs":…,"attempt":1}\n <original bytes>
 *
 * It begins with a byte that begins no JSON text and no gzip file, so no event can be taken for one. Rows that were
 * flattened before have an envelope of their own, `\x1esluice-rows/1`, by which they are not flattened again.
 */
export interface RecordEnvelope {
  readonly origin: RecordOrigin;
  /** How many times the record was put back, 1 and up. */
  readonly attempt: number;
  /** `rows` where the bytes are rows as a flattener gives them. @default 'record' */
  readonly holds?: 'record' | 'rows';
}

export interface OpenedRecord {
  readonly bytes: Uint8Array;
  /** Undefined for a record that comes straight from its sender. */
  readonly envelope: RecordEnvelope | undefined;
}

const magics = {
  record: new TextEncoder().encode('\x1esluice-record/1 '),
  rows: new TextEncoder().encode('\x1esluice-rows/1 '),
};
const lineFeed = 0x0a;
/** Our own lines have some 200 bytes. */
const maxLineBytes = 1024;

/** @param bytes the original record, or its rows, without an envelope. */
export function sealRecord(
  bytes: Uint8Array,
  { origin, attempt, holds = 'record' }: RecordEnvelope,
): Uint8Array {
  const magic = magics[holds];
  const line = new TextEncoder().encode(`${JSON.stringify({ ...origin, attempt })}\n`);
  const sealed = new Uint8Array(magic.length + line.length + bytes.length);
  sealed.set(magic);
  sealed.set(line, magic.length);
  sealed.set(bytes, magic.length + line.length);
  return sealed;
}

/**
 * Seals a record as {@link sealRecord} does, with its bytes gzip'd where it would be larger than `maxBytes` otherwise. Returns
 * undefined where even that is too large.
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

/** Takes an envelope off. What only looks like one is left as it is, and fails later as the JSON it is not. */
export function openRecord(record: Uint8Array): OpenedRecord {
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

/** `Date` holds no more; what is larger would make `toISOString` throw. */
const maxCount = 8.64e15;

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxCount;
