import * as crypto from 'node:crypto';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { signatureV4, startLocalServer, type SigningCredentials } from '@sluice/local-http';
import { KinesisError } from './kinesis-call';
import type { LocalKinesis } from './start-kinesis';

/** What a shard takes each second (Kinesis developer guide, "Quotas and limits"). */
const bytesPerSecond = 1024 * 1024;
const recordsPerSecond = 1_000;
/** Largest record (Kinesis API reference, PutRecord). */
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

interface PutRecordsOutput {
  readonly FailedRecordCount: number;
  readonly Records: readonly unknown[];
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const refused = {
  ErrorCode: 'ProvisionedThroughputExceededException',
  ErrorMessage: 'Rate exceeded for shard.',
};
const amazonJson = 'application/x-amz-json-1.1';

/**
 * Stands before Kinesis as a server of its own, and refuses what is over the limits of a shard, which kinesalite takes:
 * a whole call of `PutRecord`, single records of `PutRecords`.
 */
export async function limitedKinesis(
  kinesis: LocalKinesis,
  credentials: SigningCredentials,
  nowMs: () => number = Date.now,
): Promise<LocalKinesis> {
  const signature = signatureV4(crypto, credentials);
  const agent = new Agent({ keepAlive: true });
  const shardCounts = new Map<string, number>();
  const shards = new Map<string, ShardAllowance>();

  const isTaken = (stream: string, { Data, PartitionKey }: OutgoingRecord): boolean => {
    const bytes = Math.floor((Data.length * 3) / 4) + PartitionKey.length;
    // Kinesis looks at a record's size before it looks at the shard's.
    if (bytes > maxRecordBytes) return true;
    const shard = `${stream}:${shardOf(PartitionKey, shardCounts.get(stream) ?? 1)}`;
    let allowance = shards.get(shard);
    if (!allowance) shards.set(shard, (allowance = new ShardAllowance(nowMs())));
    return allowance.take(bytes, nowMs());
  };

  const forward = async (message: IncomingMessage, body: Buffer): Promise<Answer> => {
    const outgoing = request(kinesis.url, {
      method: message.method,
      agent,
      headers: { ...message.headers, 'content-length': body.length },
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 500, body: await buffer(answer) };
  };

  const isSigned = ({ method = '', url = '/', headers }: IncomingMessage, body: Buffer): boolean =>
    signature.faultOf(
      {
        method,
        target: url,
        headers,
        payloadHash: crypto.createHash('sha256').update(body).digest('hex'),
      },
      { services: ['kinesis'], nowMs: Date.now() },
    ) === undefined;

  const putRecord = (message: IncomingMessage, body: Buffer, input: PutInput): Promise<Answer> => {
    const { Data, PartitionKey } = input;
    if (Data === undefined || PartitionKey === undefined) return forward(message, body);
    return isTaken(streamOf(input), { Data, PartitionKey })
      ? forward(message, body)
      : Promise.resolve({
          status: 400,
          body: json({ __type: refused.ErrorCode, message: refused.ErrorMessage }),
        });
  };

  const putRecords = async (
    message: IncomingMessage,
    body: Buffer,
    input: PutInput,
    records: readonly OutgoingRecord[],
  ): Promise<Answer> => {
    const taken = records.map((record) => isTaken(streamOf(input), record));
    if (taken.every(Boolean)) return forward(message, body);
    const left = records.filter((_, index) => taken[index]);
    let output: PutRecordsOutput = { FailedRecordCount: 0, Records: [] };
    try {
      // Signed anew: the signature that came is one of the whole request.
      if (left.length > 0) output = await kinesis.call('PutRecords', { ...input, Records: left });
    } catch (error) {
      if (!(error instanceof KinesisError)) throw error;
      return { status: 400, body: json({ __type: error.code, message: error.message }) };
    }
    const stored = [...output.Records];
    return {
      status: 200,
      body: json({
        ...output,
        FailedRecordCount: output.FailedRecordCount + records.length - left.length,
        Records: taken.map((is) => (is ? stored.shift() : refused)),
      }),
    };
  };

  const answer = async (message: IncomingMessage): Promise<Answer> => {
    const body = await buffer(message);
    const operation = String(message.headers['x-amz-target']).split('.')[1];
    if (operation !== 'PutRecord' && operation !== 'PutRecords') return forward(message, body);
    // What nobody signed is refused where all signatures are checked.
    if (!isSigned(message, body)) return forward(message, body);
    let input: PutInput;
    try {
      input = JSON.parse(body.toString()) as PutInput;
    } catch {
      return forward(message, body);
    }
    if (operation === 'PutRecord') return putRecord(message, body, input);
    return input.Records?.every(isRecord) === true
      ? putRecords(message, body, input, input.Records)
      : forward(message, body);
  };

  const { url, close } = await startLocalServer((message, response) => {
    answer(message)
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': amazonJson, 'content-length': body.length });
        response.end(body);
      })
      .catch(() => message.socket.destroy());
  }, 0);
  return {
    ...kinesis,
    url,
    ensureStreams: async (specs) => {
      const streams = await kinesis.ensureStreams(specs);
      for (const { name, shards: count } of streams) shardCounts.set(name, count);
      return streams;
    },
    close: async () => {
      await close();
      agent.destroy();
      await kinesis.close();
    },
  };
}

/** Counts what a shard may still take in this second. */
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

/** Returns the index of a key's shard: shards share the 128 bits of its MD5 evenly. Source: Kinesis API reference, PutRecord. */
const shardOf = (partitionKey: string, shards: number): number =>
  Math.floor(
    (crypto.createHash('md5').update(partitionKey, 'utf8').digest().readUInt32BE(0) / 2 ** 32) *
      shards,
  );

const streamOf = ({ StreamName, StreamARN }: PutInput): string =>
  StreamName ?? StreamARN?.split('/').at(-1) ?? '';

const isRecord = ({ Data, PartitionKey }: Partial<OutgoingRecord>): boolean =>
  typeof Data === 'string' && typeof PartitionKey === 'string';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
