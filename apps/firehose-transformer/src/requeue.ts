import { gzipSync } from 'node:zlib';
import { openRecord, sealRecord, type RecordOrigin } from '@sluice/record-flattening';

export interface StreamEntry {
  readonly data: Uint8Array;
  readonly partitionKey: string;
}

/** What requeueing needs of a stream. The result has one entry for each given, in order. */
export interface StreamPort {
  put(entries: readonly StreamEntry[]): Promise<readonly PutOutcome[]>;
}

/** Undefined where the stream took the entry, else its error code. */
export type PutOutcome = string | undefined;

export interface RequeueOptions {
  /** Tries for one entry, the first included. @default 6 */
  readonly maxTries?: number;
  /** Longest wait before the second try; doubles with each further one. @default 50 */
  readonly firstWaitMs?: number;
  /** Longest wait before any try. @default 2000 */
  readonly longestWaitMs?: number;
  /** 0 inclusive to 1 exclusive. @default Math.random */
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Quotas of one PutRecords call and one record (Kinesis API reference, PutRecords); the partition key counts too. */
const maxCallEntries = 500;
const maxCallBytes = 5 * 1024 * 1024;
export const maxRecordBytes = 1024 * 1024;

/** A record that was put back this often and still finds no room is failed: the end of every loop. */
export const maxAttempts = 5;

/**
 * What goes into the stream for a surplus record: its original bytes in an envelope that keeps its first
 * origin; gzip'd where the envelope would make it too large. Undefined where even that does not fit.
 */
export function requeuedEntry(
  original: Uint8Array,
  origin: RecordOrigin,
  attempt: number,
  partitionKey: string,
): StreamEntry | undefined {
  const { bytes, envelope } = openRecord(original);
  const { holds = 'record' } = envelope ?? {};
  const fits = (data: Uint8Array): boolean =>
    data.length + Buffer.byteLength(partitionKey) <= maxRecordBytes;
  const plain = sealRecord(bytes, { origin, attempt, holds });
  if (fits(plain)) return { data: plain, partitionKey };
  const zipped = sealRecord(gzipSync(bytes), { origin, attempt, holds });
  return fits(zipped) ? { data: zipped, partitionKey } : undefined;
}

/**
 * Puts entries into the stream, with exponential backoff and full jitter for those it refuses.
 *
 * @returns for each entry, in order, undefined where the stream took it, else why not. Never rejects: a
 * call that throws counts as a refusal of all it carried.
 */
export async function requeue(
  entries: readonly StreamEntry[],
  stream: StreamPort,
  {
    maxTries = 6,
    firstWaitMs = 50,
    longestWaitMs = 2000,
    random = Math.random,
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }: RequeueOptions = {},
): Promise<readonly PutOutcome[]> {
  const outcomes: PutOutcome[] = entries.map(() => 'NotTried');
  let waiting = entries.map((_, index) => index);
  for (let attempt = 1; attempt <= maxTries && waiting.length > 0; attempt++) {
    if (attempt > 1)
      await sleep(random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 2)));
    for (const call of calls(waiting, entries)) {
      const taken = await putAll(call, entries, stream);
      call.forEach((index, position) => (outcomes[index] = taken[position]));
    }
    waiting = waiting.filter((index) => outcomes[index] !== undefined);
  }
  return outcomes;
}

async function putAll(
  call: readonly number[],
  entries: readonly StreamEntry[],
  stream: StreamPort,
): Promise<readonly PutOutcome[]> {
  try {
    return await stream.put(call.map((index) => entries[index] as StreamEntry));
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'UnknownError';
    return call.map(() => reason);
  }
}

function* calls(waiting: readonly number[], entries: readonly StreamEntry[]): Generator<number[]> {
  let call: number[] = [];
  let bytes = 0;
  for (const index of waiting) {
    const { data, partitionKey } = entries[index] as StreamEntry;
    const size = data.length + Buffer.byteLength(partitionKey);
    if (call.length === maxCallEntries || (call.length > 0 && bytes + size > maxCallBytes)) {
      yield call;
      call = [];
      bytes = 0;
    }
    call.push(index);
    bytes += size;
  }
  if (call.length > 0) yield call;
}
