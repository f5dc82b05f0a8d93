import { isDeepStrictEqual } from 'node:util';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import type { GetOptions, ListOptions, ObjectStore } from '@sluice/lake-layout';
import { median } from '../interleaved-rounds';
import { peakMemoryMb } from '../peak-memory';
import { createContender, type ContenderName } from './contenders';
import { DiskStore } from './disk-store';
import type { BenchRow, LayoutName } from './lookup-layouts';

/** What one process measures: one contender, on one layout, at one latency. */
export interface MeasureTask {
  readonly contender: ContenderName;
  /** Begin each look-up with nothing learned. */
  readonly cold: boolean;
  /** Endpoint of S3; without it files are read from disk. */
  readonly endpoint?: string;
  readonly bucket: string;
  readonly folder: string;
  readonly rows: readonly BenchRow[];
  readonly warmUpRounds: number;
}

export interface Measured {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Median of all look-ups. */
  readonly requests: number;
  readonly bytes: number;
  readonly cpuMs: number;
  readonly peakMemoryMb: number;
  readonly lookups: number;
}

/** One contender under one condition. */
export interface LookupRun extends Measured {
  readonly contender: string;
  readonly layout: LayoutName;
  /** Milliseconds before each answer of S3; `disk` where the files are local. */
  readonly latency: number | 'disk';
}

/** Carries a task out and checks every answer against the row that DuckDB read. */
export async function measureContender(task: MeasureTask): Promise<Measured> {
  const disk = new DiskStore(task.folder);
  const counts = { requests: 0, bytes: 0 };
  const store = counting(task.endpoint === undefined ? disk : remote(task), counts);
  const contender = await createContender[task.contender]({ store, folder: task.folder });
  const times: number[] = [];
  const requests: number[] = [];
  const bytes: number[] = [];
  let cpuMicros = 0;
  for (const [round, expected] of task.rows.entries()) {
    if (task.cold) await contender.forget?.();
    const before = { ...counts };
    const cpu = process.cpuUsage();
    const start = performance.now();
    const found = await contender.find(expected.id);
    const ms = performance.now() - start;
    const used = process.cpuUsage(cpu);
    if (!isDeepStrictEqual(found.map(plain), [plain(expected)]))
      throw new Error(
        `${task.contender} found ${JSON.stringify(found)} and not ${JSON.stringify(expected)}`,
      );
    if (round < task.warmUpRounds) continue;
    times.push(ms);
    cpuMicros += used.user + used.system;
    requests.push(counts.requests - before.requests);
    bytes.push(counts.bytes - before.bytes);
  }
  await disk.close();
  const sorted = times.toSorted((a, b) => a - b);
  return {
    p50Ms: median(times),
    p99Ms: sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? NaN,
    requests: median(requests),
    bytes: median(bytes),
    cpuMs: cpuMicros / 1000 / times.length,
    peakMemoryMb: peakMemoryMb(),
    lookups: times.length,
  };
}

const plain = (row: BenchRow): unknown => ({ ...row });

const remote = ({ endpoint, bucket }: MeasureTask): ObjectStore =>
  s3ObjectStore({
    bucket,
    client: s3Client({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    }),
  });

const counting = (
  store: Pick<ObjectStore, 'list' | 'get'>,
  counts: { requests: number; bytes: number },
): Pick<ObjectStore, 'list' | 'get'> => ({
  list(prefix: string, options?: ListOptions) {
    counts.requests++;
    return store.list(prefix, options);
  },
  async get(key: string, options?: GetOptions) {
    counts.requests++;
    const object = await store.get(key, options);
    counts.bytes += object.bytes.length;
    return object;
  },
});
