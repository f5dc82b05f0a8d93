import { isDeepStrictEqual } from 'node:util';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { setTimeout as delay } from 'node:timers/promises';
import type { GetOptions, ListOptions, ObjectInfo, ObjectStore } from '@sluice/lake-layout';
import { Hedging } from '@sluice/lookup-api';
import { median } from '../interleaved-rounds';
import { peakMemoryMb } from '../peak-memory';
import { createContender, type ContenderName } from './contenders';
import { DiskStore } from './disk-store';
import { heavyTailMs } from '@sluice/lookup-api/testing/heavy-tail';
import type { BenchRow, LayoutName, LookupCase } from './lookup-layouts';
import { seededRandom } from '@sluice/values/seeded-random';

/** The task of one process: to measure one contender on one layout at one latency. */
export interface MeasureTask {
  readonly contender: ContenderName;
  /** True to forget everything learned before each look-up. */
  readonly cold: boolean;
  /** Endpoint of S3; without it files are read from disk. */
  readonly endpoint?: string;
  readonly bucket: string;
  readonly folder: string;
  readonly column: 'id' | 'session';
  readonly cases: readonly LookupCase[];
  readonly warmUpRounds: number;
  /** Values that no row has. They are looked up after the others and not timed. */
  readonly absent?: readonly string[];
  /** Makes answers as late as S3's (p50 30, p99 80, p999 120 ms), with random latencies from this seed. */
  readonly tail?: { readonly seed: number; readonly isHedged: boolean };
}

export interface Measured {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** Number of requests; median of all look-ups. */
  readonly requests: number;
  /** Number of requests that had to wait for another one's answer; median of all look-ups. */
  readonly waits: number;
  /** Share of requests that were sent a second time, among the requests of all look-ups. */
  readonly extraPart: number;
  readonly bytes: number;
  /** Requests and bytes, medians of the look-ups that found one row; NaN where none did. */
  readonly ofOneRow: { readonly requests: number; readonly bytes: number };
  readonly cpuMs: number;
  readonly peakMemoryMb: number;
  readonly lookups: number;
  /** Number of answers that were compared with DuckDB's, also those before counting began and those of values that no row has. */
  readonly checked: number;
}

/** Result of one contender under one condition. */
export interface LookupRun extends Measured {
  readonly contender: string;
  readonly layout: LayoutName;
  /**
   * Milliseconds before each answer of S3; `disk` where the files are local, `tail` where each answer has a latency
   * of its own.
   */
  readonly latency: number | 'disk' | 'tail';
}

/** Carries out a task, and checks every answer against the row that DuckDB read. */
export async function measureContender(task: MeasureTask): Promise<Measured> {
  const disk = new DiskStore(task.folder);
  const counts = { requests: 0, bytes: 0, waits: 0 };
  const { tail, absent = [] } = task;
  const near = task.endpoint === undefined ? disk : remote(task);
  const store = counting(tail ? withTail(near, tail.seed) : near, counts);
  const hedging = tail?.isHedged === true ? new Hedging() : undefined;
  const contender = await createContender[task.contender]({
    store,
    column: task.column,
    folder: task.folder,
    bucket: task.bucket,
    ...(task.endpoint !== undefined && { endpoint: task.endpoint }),
    ...(hedging && { hedging }),
  });
  const times: number[] = [];
  const requests: number[] = [];
  const waits: number[] = [];
  const bytes: number[] = [];
  const ofOneRow = { requests: [] as number[], bytes: [] as number[] };
  let cpuMicros = 0;
  for (const [round, expected] of task.cases.entries()) {
    if (task.cold) await contender.forget?.();
    counts.waits = 0;
    const before = { ...counts };
    const cpu = process.cpuUsage();
    const start = performance.now();
    const found = await contender.find(expected.asked);
    const ms = performance.now() - start;
    const used = process.cpuUsage(cpu);
    if (found && !isDeepStrictEqual(inOrder(found), inOrder(expected.rows)))
      throw new Error(
        `${task.contender} found ${JSON.stringify(found)} and not ${JSON.stringify(expected)}`,
      );
    if (round < task.warmUpRounds) continue;
    times.push(ms);
    cpuMicros += used.user + used.system;
    requests.push(counts.requests - before.requests);
    waits.push(counts.waits);
    bytes.push(counts.bytes - before.bytes);
    if (expected.rows.length !== 1) continue;
    ofOneRow.requests.push(counts.requests - before.requests);
    ofOneRow.bytes.push(counts.bytes - before.bytes);
  }
  const peakMb = peakMemoryMb();
  for (const asked of absent) {
    const found = await contender.find(asked);
    if (found && found.length > 0)
      throw new Error(`${task.contender} found ${JSON.stringify(found)} for a value of no row`);
  }
  await disk.close();
  const sorted = times.toSorted((a, b) => a - b);
  return {
    p50Ms: median(times),
    p99Ms: sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? NaN,
    slowestMs: sorted.at(-1) ?? NaN,
    requests: median(requests),
    waits: median(waits),
    extraPart: requests.reduce((sum, each) => sum + each, 0) / requests.length - 1,
    bytes: median(bytes),
    ofOneRow: { requests: median(ofOneRow.requests), bytes: median(ofOneRow.bytes) },
    cpuMs: cpuMicros / 1000 / times.length,
    peakMemoryMb: peakMb,
    lookups: times.length,
    checked: task.cases.length + absent.length,
  };
}

/** Returns rows as plain values, in the order of their ids. */
const inOrder = (rows: readonly BenchRow[]): unknown =>
  rows.map((row) => ({ ...row })).sort((a, b) => (a.id < b.id ? -1 : 1));

const remote = ({ endpoint, bucket }: MeasureTask): ObjectStore =>
  s3ObjectStore({
    bucket,
    client: s3Client({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    }),
  });

interface Counts {
  requests: number;
  bytes: number;
  /**
   * Number of rounds of requests. A request belongs to the round after the last answer that arrived before it was
   * made.
   */
  waits: number;
}

function counting(
  store: Pick<ObjectStore, 'list' | 'get'>,
  counts: Counts,
): Pick<ObjectStore, 'list' | 'get'> {
  const begin = (): (() => void) => {
    counts.requests++;
    const round = counts.waits + 1;
    return () => {
      counts.waits = Math.max(counts.waits, round);
    };
  };
  return {
    async *list(prefix: string, options?: ListOptions) {
      const answered = begin();
      const files: ObjectInfo[] = [];
      for await (const file of store.list(prefix, options)) files.push(file);
      answered();
      yield* files;
    },
    async get(key: string, options?: GetOptions) {
      const answered = begin();
      const object = await store.get(key, options);
      answered();
      counts.bytes += object.bytes.length;
      return object;
    },
  };
}

/** Wraps a store so that its answers have S3's latencies. */
function withTail(
  store: Pick<ObjectStore, 'list' | 'get'>,
  seed: number,
): Pick<ObjectStore, 'list' | 'get'> {
  const random = seededRandom(seed);
  const nextMs = heavyTailMs(() => random.fraction());
  return {
    async *list(prefix: string, options?: ListOptions) {
      await delay(nextMs(), undefined, options?.signal ? { signal: options.signal } : {});
      yield* store.list(prefix, options);
    },
    async get(key: string, options?: GetOptions) {
      await delay(nextMs(), undefined, options?.signal ? { signal: options.signal } : {});
      return store.get(key, options);
    },
  };
}
