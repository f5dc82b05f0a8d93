import { createHash } from 'node:crypto';
import type { ShardRecord } from './source-record';

/**
 * Splits a record into which the Kinesis Producer Library has put several, as Firehose does before it invokes a
 * function. Each keeps the sequence number of the whole and gets a sub-sequence number. Any other record is returned
 * alone, and so is one whose checksum or form is wrong, for the function to judge.
 *
 * Sources: Firehose developer guide, "Kinesis Data Streams as source"; the format is documented in the producer
 * library's repository, "KPL Aggregated Record Format" (magic number, protocol buffers, MD5).
 */
export function deaggregate(record: ShardRecord): readonly ShardRecord[] {
  // Compares the magic number's first three bytes in base64, so that most records need no decoding.
  if (!record.data.startsWith(magicBase64)) return [record];
  const bytes = Buffer.from(record.data, 'base64');
  const body = bytes.subarray(magic.length, bytes.length - md5Bytes);
  if (bytes.length < magic.length + md5Bytes || !bytes.subarray(0, magic.length).equals(magic))
    return [record];
  if (!createHash('md5').update(body).digest().equals(bytes.subarray(-md5Bytes))) return [record];
  let message: AggregatedMessage;
  try {
    message = readAggregated(body);
  } catch (error) {
    if (error instanceof RangeError) return [record];
    throw error;
  }
  const { partitionKeys, records } = message;
  return records.map(({ partitionKeyIndex, data }, subSequenceNumber) => ({
    ...record,
    subSequenceNumber,
    partitionKey: partitionKeys[partitionKeyIndex] ?? record.partitionKey,
    data: data.toString('base64'),
  }));
}

const magic = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);
const magicBase64 = magic.subarray(0, 3).toString('base64');
const md5Bytes = 16;

interface AggregatedMessage {
  readonly partitionKeys: readonly string[];
  readonly records: readonly { readonly partitionKeyIndex: number; readonly data: Buffer }[];
}

/** Reads an aggregated message. @throws RangeError where the bytes are not one */
function readAggregated(bytes: Buffer): AggregatedMessage {
  const fields = readFields(bytes);
  const partitionKeys = fields
    .filter(({ number }) => number === 1)
    .map(({ value }) => bytesOf(value).toString('utf8'));
  const records = fields
    .filter(({ number }) => number === 3)
    .map(({ value }) => {
      const parts = readFields(bytesOf(value));
      const index = parts.findLast(({ number }) => number === 1)?.value ?? 0;
      const data = parts.findLast(({ number }) => number === 3)?.value;
      if (typeof index !== 'number') throw new RangeError('a partition key index is no number');
      return { partitionKeyIndex: index, data: bytesOf(data) };
    });
  if (records.length === 0) throw new RangeError('the message holds no record');
  return { partitionKeys, records };
}

interface Field {
  readonly number: number;
  readonly value: number | Buffer;
}

function bytesOf(value: number | Buffer | undefined): Buffer {
  if (!Buffer.isBuffer(value)) throw new RangeError('a field has another type');
  return value;
}

/**
 * Reads fields of protocol buffers: varints, and fields with a length. Source: "Encoding" of the protocol buffers
 * documentation.
 */
function readFields(bytes: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || factor > 2 ** 49) throw new RangeError('a number has no end');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        fields.push({ number, value: varint() });
        break;
      case 2: {
        const length = varint();
        if (length > bytes.length - at) throw new RangeError('a field goes beyond the message');
        fields.push({ number, value: bytes.subarray(at, at + length) });
        at += length;
        break;
      }
      default:
        throw new RangeError('a field has a type that the message does not use');
    }
  }
  return fields;
}
