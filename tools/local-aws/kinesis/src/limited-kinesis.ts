import * as crypto from 'node:crypto';
import { signatureV4, type SigningCredentials } from '@sluice/local-http';
import { kinesisFront, throughputExceeded, type FrontRequest } from './kinesis-front';
import type { LocalKinesis } from './start-kinesis';

/** Limits of a shard for each second (Kinesis developer guide, "Quotas and limits"). */
const bytesPerSecond = 1024 * 1024;
const recordsPerSecond = 1_000;
/** Largest size of a record in bytes (Kinesis API reference, PutRecord). */
const maxRecordBytes = 1024 * 1024;

interface OutgoingRecord {
  readonly Data: string;
  readonly PartitionKey: string;
}

interface PutInput extends Partial<OutgoingRecord> {
  readonly StreamName?: string;
  readonly StreamARN?: string;
  readonly Records?: readonly OutgoingRecord[];
}

/**
 * Starts a server in front of Kinesis that refuses what exceeds the limits of a shard, which kinesalite lacks: a
 * whole `PutRecord` call, or single records of a `PutRecords`.
 */
export async function limitedKinesis(
  kinesis: LocalKinesis,
  credentials: SigningCredentials,
  nowMs: () => number = Date.now,
): Promise<LocalKinesis> {
  const signature = signatureV4(crypto, credentials);
  const shardCounts = new Map<string, number>();
  const shards = new Map<string, ShardAllowance>();

  const isTaken = (stream: string, { Data, PartitionKey }: OutgoingRecord): boolean => {
    const bytes = Math.floor((Data.length * 3) / 4) + PartitionKey.length;
    // Kinesis checks the record's size before it checks the shard's limits.
    if (bytes > maxRecordBytes) return true;
    const shard = `${stream}:${shardOf(PartitionKey, shardCounts.get(stream) ?? 1)}`;
    let allowance = shards.get(shard);
    if (!allowance) shards.set(shard, (allowance = new ShardAllowance(nowMs())));
    return allowance.take(bytes, nowMs());
  };

  const isSigned = ({
    message: { method = '', url: target = '/', headers },
    body,
  }: FrontRequest): boolean => {
    const payloadHash = crypto.hash('sha256', body);
    const signed = { method, target, headers, payloadHash };
    const { fault } = signature.verify(signed, { services: ['kinesis'], nowMs: Date.now() });
    return fault === undefined;
  };

  const front = await kinesisFront(kinesis, (request) => {
    const { operation, forward } = request;
    if (operation !== 'PutRecord' && operation !== 'PutRecords') return forward();
    // Unsigned requests are passed on, to be refused where all signatures are checked.
    const input = isSigned(request) ? inputOf(request) : undefined;
    if (!input) return forward();
    const { Data, PartitionKey, Records } = input;
    if (operation === 'PutRecord') {
      if (Data === undefined || PartitionKey === undefined) return forward();
      const exceedsLimits = !isTaken(streamOf(input), { Data, PartitionKey });
      return exceedsLimits ? Promise.resolve(throughputExceeded()) : forward();
    }
    if (Records?.every(isRecord) !== true) return forward();
    const taken = Records.map((record) => isTaken(streamOf(input), record));
    return taken.every(Boolean) ? forward() : request.forwardSome({ ...input, Records }, taken);
  });
  return {
    ...front,
    ensureStreams: async (specs) => {
      const streams = await kinesis.ensureStreams(specs);
      for (const { name, shards: count } of streams) shardCounts.set(name, count);
      return streams;
    },
  };
}

/** Counts what a shard may still accept in this second. */
class ShardAllowance {
  #bytes = bytesPerSecond;
  #records = recordsPerSecond;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  take(bytes: number, nowMs: number): boolean {
    const seconds = (nowMs - this.#atMs) / 1_000;
    this.#atMs = nowMs;
    this.#bytes = Math.min(bytesPerSecond, this.#bytes + seconds * bytesPerSecond);
    this.#records = Math.min(recordsPerSecond, this.#records + seconds * recordsPerSecond);
    if (bytes > this.#bytes || this.#records < 1) return false;
    this.#bytes -= bytes;
    this.#records--;
    return true;
  }
}

/**
 * Returns the index of a partition key's shard: the shards divide the 128 bits of its MD5 evenly. Source: Kinesis API
 * reference, PutRecord.
 */
const shardOf = (partitionKey: string, shards: number): number =>
  Math.floor(
    (crypto.createHash('md5').update(partitionKey, 'utf8').digest().readUInt32BE(0) / 2 ** 32) *
      shards,
  );

function inputOf({ body }: FrontRequest): PutInput | undefined {
  try {
    return JSON.parse(body.toString()) as PutInput;
  } catch {
    return undefined;
  }
}

const streamOf = ({ StreamName, StreamARN }: PutInput): string =>
  StreamName ?? StreamARN?.split('/').at(-1) ?? '';

const isRecord = ({ Data, PartitionKey }: Partial<OutgoingRecord>): boolean =>
  typeof Data === 'string' && typeof PartitionKey === 'string';
