import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { startS3 } from '@sluice/local-s3';
import { countText } from '@sluice/values/figures';
import type { BenchReport } from '../bench-report';
import { bundleBytes } from '../bundle-bytes';
import { bundleProcess } from './bundle-process';
import { writeClientBundle } from './client-bundle';
import type { ContenderName } from './contenders';
import { installLance, writeLanceTable } from './lance';
import { bundleFigures, lookupFigures } from './lookup-figures';
import {
  askedColumn,
  buildLayouts,
  bucketOf,
  monthDates,
  sampleCases,
  type LayoutName,
} from './lookup-layouts';
import type { LookupRun, Measured, MeasureTask } from './measure-contender';
import { benchDate } from '../seeded-day';

export interface LookupBenchOptions {
  /** Folder of the layouts, which are kept for the next run. */
  readonly folder: string;
  /** Rows of the day. */
  readonly rows: number;
  /** Number of look-ups by each quick contender. */
  readonly lookups: number;
  /** Number of look-ups at latencies with S3's tail, from which p99 is taken. */
  readonly tailLookups: number;
  /** True to measure also a day of ten times the rows, and 31 days. */
  readonly growth: boolean;
  /** The function's bundle, whose memory is measured in a separate process. */
  readonly bundle: string;
  readonly say: (text: string) => void;
}

export interface LookupReport extends BenchReport {
  readonly runs: readonly LookupRun[];
}

interface Plan {
  readonly label: string;
  readonly contender: ContenderName;
  readonly layout: LayoutName;
  readonly latency: LookupRun['latency'];
  readonly lookups: number;
  readonly cold?: boolean;
  readonly isHedged?: boolean;
  /** True for a rival that, where it can't be measured, is skipped with the reason instead of failing the bench. */
  readonly maySkip?: boolean;
}

const latencies = [0, 20];
const s3Credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
/** Look-ups before counting begins, in which the compiler settles. */
const warmUpRounds = 50;
/** Look-ups of the function whose memory is measured. */
const memoryLookups = 250;
/** Number of answers by an index, and of values that no row has, that are compared with DuckDB's filter. */
const checkedAnswers = 950;
/** Number of processes that only import the bundle. */
const importRounds = 9;

/** Measures every contender in a separate process, one after the other. */
export async function runLookupBench({
  folder,
  rows,
  lookups,
  tailLookups,
  growth,
  bundle,
  say,
}: LookupBenchOptions): Promise<LookupReport> {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(bundle))
    throw new Error(`there is no ${bundle}; build it first: npx nx build lookup-api`);
  const noLance = await installLance();
  if (noLance !== undefined) say(`Lance is left out: ${noLance}`);
  const plans = planRuns({ lookups, tailLookups, growth, withLance: noLance === undefined });
  const layouts = [...new Set(plans.map(({ layout }) => layout))];
  const buckets = layouts.map(bucketOf);
  const runs: LookupRun[] = [];
  const building = await startS3({ folder, credentials: s3Credentials, buckets });
  try {
    const storeOf = (layout: LayoutName) =>
      s3ObjectStore({ bucket: bucketOf(layout), client: benchClient(building.url) });
    await buildLayouts(layouts, { folder, rows, storeOf, say });
    if (noLance === undefined) {
      say('writing the rows as Lance tables');
      for (const layout of ['sealed', 'indexed'] as const)
        await writeLanceTable(join(folder, bucketOf(layout)), askedColumn(layout));
    }
  } finally {
    await building.close();
  }
  const samples = new Map<LayoutName, MeasureTask['cases']>();
  for (const layout of layouts)
    samples.set(
      layout,
      await sampleCases(
        folder,
        layout,
        Math.max(...plans.filter((plan) => plan.layout === layout).map((plan) => plan.lookups)) +
          warmUpRounds,
      ),
    );

  for (const latency of ['disk' as const, ...latencies, 'tail' as const]) {
    const s3 =
      latency === 'disk' || latency === 'tail'
        ? undefined
        : await startS3({ folder, credentials: s3Credentials, buckets, latencyMs: latency });
    try {
      for (const plan of plans.filter((each) => each.latency === latency)) {
        const isQuick = plan.lookups > warmUpRounds;
        const sample = samples.get(plan.layout) ?? [];
        const task: MeasureTask = {
          contender: plan.contender,
          cold: plan.cold ?? false,
          bucket: bucketOf(plan.layout),
          folder: join(folder, bucketOf(plan.layout)),
          column: askedColumn(plan.layout),
          cases: sample.slice(0, plan.lookups + (isQuick ? warmUpRounds : 0)),
          warmUpRounds: isQuick ? warmUpRounds : 0,
          ...(isQuick && { absent }),
          ...(s3 && { endpoint: s3.url }),
          ...(latency === 'tail' && { tail: { seed: 7, isHedged: plan.isHedged ?? false } }),
        };
        try {
          const measured = await inProcess(task);
          const { label: contender, layout } = plan;
          runs.push({ contender, layout, latency, ...measured });
          say(`${contender}, ${layout}, ${latency}: p50 ${measured.p50Ms.toFixed(2)} ms`);
        } catch (error) {
          if (plan.maySkip !== true) throw error;
          say(`${plan.label} is left out at ${latency}: ${(error as Error).message}`);
        }
      }
    } finally {
      await s3?.close();
    }
  }
  const memory = await startS3({ folder, credentials: s3Credentials, buckets });
  const peakMemoryMb = new Map<LayoutName, number>();
  const importMs: number[] = [];
  const clientImportMs: number[] = [];
  const clientBundle = await writeClientBundle(folder);
  try {
    const place = { bundle, endpoint: memory.url };
    for (const layout of growth ? (['sealed', 'large', 'month'] as const) : ['sealed' as const]) {
      const ids = (samples.get(layout) ?? []).map(({ asked }) => asked).slice(0, memoryLookups);
      const days = layout === 'month' ? { from: monthDates[0] ?? '', to: benchDate } : undefined;
      const measured = await bundleProcess({
        ...place,
        bucket: bucketOf(layout),
        ids,
        ...(days && { days }),
      });
      peakMemoryMb.set(layout, measured.peakMemoryMb);
    }
    for (let round = 0; round < importRounds; round++) {
      const bucket = bucketOf('sealed');
      importMs.push((await bundleProcess({ ...place, bucket, ids: [] })).importMs);
      clientImportMs.push(
        (await bundleProcess({ ...place, bundle: clientBundle, bucket, ids: [] })).importMs,
      );
    }
  } finally {
    await memory.close();
  }
  return {
    name: 'lookup',
    about: `one row by id among ${countText(rows)} of a day; every answer checked`,
    figures: [
      ...lookupFigures(runs, peakMemoryMb),
      ...bundleFigures(importMs, clientImportMs, await bundleBytes(bundle)),
    ],
    runs,
  };
}

const benchClient = (endpoint: string) =>
  s3Client({
    endpoint,
    region: 'us-east-1',
    credentials: s3Credentials,
  });

/** Values that no row has: UUIDs of another version than the rows' keys. */
const absent = Array.from(
  { length: 50 },
  (_, index) => `${(index * 83_886_080).toString(16).padStart(8, '0')}-0000-1000-8000-000000000000`,
);

interface PlanOptions {
  readonly lookups: number;
  readonly tailLookups: number;
  readonly growth: boolean;
  readonly withLance: boolean;
}

function planRuns({ lookups, tailLookups, growth, withLance }: PlanOptions): readonly Plan[] {
  /** Number of look-ups by slow contenders, which take seconds for each. */
  const slow = 2;
  const raw = ['raw-1440', 'raw-96'] as const;
  const onDisk = { latency: 'disk', lookups } as const;
  const plans: Plan[] = [
    // Three times in turn, so that other load on the machine affects both.
    ...[1, 2, 3].flatMap((): Plan[] => [
      { ...onDisk, label: 'sluice warm', contender: 'sluice', layout: 'sealed' },
      { ...onDisk, label: 'duckdb compacted', contender: 'duckdb', layout: 'sealed' },
      ...(withLance
        ? [
            {
              ...onDisk,
              label: 'lance, indexed',
              contender: 'lance',
              layout: 'sealed',
              maySkip: true,
            } as const,
          ]
        : []),
    ]),
    {
      ...onDisk,
      label: 'sluice by index, warm',
      contender: 'sluice by index',
      layout: 'indexed',
      lookups: checkedAnswers,
    },
    { ...onDisk, label: 'duckdb by index', contender: 'duckdb', layout: 'indexed' },
    ...(withLance
      ? [
          {
            ...onDisk,
            label: 'lance by index',
            contender: 'lance',
            layout: 'indexed',
            maySkip: true,
          } as const,
        ]
      : []),
    ...raw.map((layout): Plan => ({ ...onDisk, label: 'duckdb raw', contender: 'duckdb', layout })),
  ];
  for (const latency of latencies) {
    for (const layout of raw)
      plans.push(
        { label: 'plain', contender: 'plain', layout, latency, lookups: 1 },
        { label: 'plain 64-way', contender: 'plain 64-way', layout, latency, lookups: slow },
        {
          label: 'hyparquet filter',
          contender: 'hyparquet filter',
          layout,
          latency,
          lookups: slow,
        },
      );
    if (withLance)
      plans.push({
        label: 'lance, indexed',
        contender: 'lance over S3',
        layout: 'sealed',
        latency,
        lookups,
        maySkip: true,
      });
    const floors = [1, 2].map((requests): Plan => ({
      label: `floor of ${requests}`,
      contender: `floor of ${requests}` as ContenderName,
      layout: 'sealed',
      latency,
      lookups,
    }));
    plans.push(
      ...floors,
      { label: 'sluice cold', contender: 'sluice', layout: 'sealed', latency, lookups, cold: true },
      { label: 'sluice warm', contender: 'sluice', layout: 'sealed', latency, lookups },
      {
        label: 'sluice running day',
        contender: 'sluice, running day',
        layout: 'running',
        latency,
        lookups,
      },
      {
        label: 'sluice running day, cold',
        contender: 'sluice, running day',
        layout: 'running',
        latency,
        lookups,
        cold: true,
      },
    );
    for (const { cold, suffix } of [
      { cold: false, suffix: 'warm' },
      { cold: true, suffix: 'cold' },
    ])
      plans.push(
        {
          label: `sluice by index, ${suffix}`,
          contender: 'sluice by index',
          layout: 'indexed',
          latency,
          lookups,
          cold,
        },
        {
          label: `sluice by index, running day, ${suffix}`,
          contender: 'sluice by index, running day',
          layout: 'indexed-running',
          latency,
          lookups,
          cold,
        },
      );
    if (growth)
      plans.push(
        {
          label: 'sluice cold',
          contender: 'sluice',
          layout: 'large',
          latency,
          lookups,
          cold: true,
        },
        // Three times in turn with the smaller day, as on disk.
        ...[1, 2, 3].flatMap((): Plan[] => [
          { label: 'sluice warm', contender: 'sluice', layout: 'large', latency, lookups },
          { label: 'sluice warm', contender: 'sluice', layout: 'sealed', latency, lookups },
        ]),
        {
          label: 'sluice 31 days',
          contender: 'sluice, 31 days',
          layout: 'month',
          latency,
          lookups,
        },
      );
  }
  for (const isHedged of [false, true])
    plans.push({
      label: isHedged ? 'sluice warm, late requests twice' : 'sluice warm',
      contender: 'sluice',
      layout: 'sealed',
      latency: 'tail',
      lookups: tailLookups,
      isHedged,
    });
  return plans;
}

/** Runs a task in a separate process: the bench's own bundle, started with a hidden command. */
async function inProcess(task: MeasureTask): Promise<Measured> {
  const child = fork(process.argv[1] ?? '', ['lookup-contender'], {
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  child.send(task);
  const answered = once(child, 'message') as Promise<[Measured]>;
  const ended = once(child, 'exit').then(([code]: unknown[]) => {
    throw new Error(`the process of ${task.contender} ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  const [measured] = await Promise.race([answered, ended]);
  return measured;
}
