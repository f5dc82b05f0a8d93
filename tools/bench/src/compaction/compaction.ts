import { Argument, Command } from 'commander';
import { countText } from '@sluice/values/figures';
import { count, type ShowReport } from '../bench-command';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableName } from '@sluice/event-schema';
import { compactedPrefix, manifestPrefix } from '@sluice/lake-layout';
import type { BenchFigure, BenchReport } from '../bench-report';
import {
  compactionEngines,
  compactOnce,
  type CompactionEngine,
  type CompactionRun,
} from './compaction-once';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import { median, spreadOf } from '../interleaved-rounds';
import { benchDate, benchEvent, writeSeededDay } from '../seeded-day';

export interface CompactionBenchOptions {
  /** Rows of the day. @default 400,000 */
  readonly rows?: number;
  /** Raw files of the day. @default 1,440 */
  readonly files?: number;
  /** Rounds of each engine. @default 5 */
  readonly rounds?: number;
  /** True to compact, once, also a day with ten times the rows. @default false */
  readonly growth?: boolean;
  /** Runs one engine on a folder in a separate process. */
  readonly runOnce?: (engine: CompactionEngine, folder: string) => CompactionRun;
}

/** Size of the day for which the limits hold, and the limits. */
const promised = { rows: 400_000, ms: 4_000, megabytes: 800 };

/** Compacts one seeded day on the local disk with each engine in turn, each time in a fresh process. */
export async function runCompactionBench({
  rows = promised.rows,
  files = 1_440,
  rounds = 5,
  growth = false,
  runOnce = inOwnProcess,
}: CompactionBenchOptions = {}): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    await writeSeededDay(new FolderObjectStore(folder), { rows, files });
    const runs = new Map(compactionEngines.map((engine) => [engine, [] as CompactionRun[]]));
    for (let round = 0; round < rounds; round++)
      for (const engine of compactionEngines) {
        clear(folder);
        const run = runOnce(engine, folder);
        if (run.rows !== rows) throw new Error(`${engine} wrote ${run.rows} rows of ${rows}`);
        runs.get(engine)?.push(run);
      }
    const { name, about, figures } = report(runs, { rows, files, rounds });
    const grown = growth ? await tenTimesTheRows(folder, { rows, files, runOnce }) : [];
    return { name, about, figures: [...figures, ...grown] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tenTimesTheRows(
  folder: string,
  { rows, files, runOnce }: Required<Pick<CompactionBenchOptions, 'rows' | 'files' | 'runOnce'>>,
): Promise<readonly BenchFigure[]> {
  rmSync(folder, { recursive: true });
  await writeSeededDay(new FolderObjectStore(folder), { rows: rows * 10, files });
  return (['sluice', 'duckdb-dedup'] as const).flatMap((engine): BenchFigure[] => {
    clear(folder);
    const run = runOnce(engine, folder);
    if (run.rows !== rows * 10) throw new Error(`${engine} wrote ${run.rows} rows`);
    const name = `ten times the rows, ${engine === 'sluice' ? 'sluice' : 'DuckDB'}`;
    return [
      { name, unit: 'ms', value: run.ms },
      { name: `${name}, processor time`, unit: 'ms', value: run.cpuMs },
      {
        name: `${name}, peak memory`,
        unit: 'MB',
        value: run.peakMegabytes,
        ...(engine === 'sluice' && { target: { atMost: promised.megabytes } }),
      },
    ];
  });
}

const inOwnProcess = (engine: CompactionEngine, folder: string): CompactionRun => {
  const [node, script = ''] = process.argv;
  const output = execFileSync(node ?? 'node', [script, 'compaction-once', engine, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString()) as CompactionRun;
};

function clear(folder: string): void {
  const table = tableName(benchEvent);
  for (const prefix of [compactedPrefix(table, benchDate), manifestPrefix(table), 'duckdb.parquet'])
    rmSync(join(folder, prefix), { recursive: true, force: true });
}

function report(
  runs: ReadonlyMap<CompactionEngine, readonly CompactionRun[]>,
  {
    rows,
    files,
    rounds,
  }: { readonly rows: number; readonly files: number; readonly rounds: number },
): BenchReport {
  const values = (engine: CompactionEngine, pick: (run: CompactionRun) => number) =>
    (runs.get(engine) ?? []).map(pick);
  const figure = (
    name: string,
    unit: string,
    all: readonly number[],
    target?: BenchFigure['target'],
  ): BenchFigure => ({
    name,
    unit,
    value: median(all),
    spread: spreadOf(all),
    ...(target && { target }),
  });
  const isPromisedDay = rows === promised.rows;
  const timesDuckDb = values('sluice', ({ ms }) => ms).map(
    (ms, round) => ms / (values('duckdb-dedup', (run) => run.ms)[round] ?? NaN),
  );
  return {
    name: 'compaction',
    about: `${countText(rows)} rows of ten columns in ${countText(files)} raw files on the local disk, ${rounds} rounds, each in a fresh process; DuckDB writes row groups of 2,048 rows, its smallest`,
    figures: [
      figure(
        'sluice',
        'ms',
        values('sluice', ({ ms }) => ms),
        isPromisedDay ? { atMost: promised.ms } : undefined,
      ),
      figure(
        'DuckDB, sort and write',
        'ms',
        values('duckdb', ({ ms }) => ms),
      ),
      figure(
        'DuckDB, without duplicates',
        'ms',
        values('duckdb-dedup', ({ ms }) => ms),
      ),
      figure('sluice, times DuckDB without duplicates', '×', timesDuckDb),
      figure(
        'sluice, processor time',
        'ms',
        values('sluice', ({ cpuMs }) => cpuMs),
      ),
      figure(
        'DuckDB without duplicates, processor time',
        'ms',
        values('duckdb-dedup', ({ cpuMs }) => cpuMs),
      ),
      figure(
        'sluice, peak memory',
        'MB',
        values('sluice', ({ peakMegabytes }) => peakMegabytes),
        { atMost: promised.megabytes },
      ),
      figure(
        'DuckDB without duplicates, peak memory',
        'MB',
        values('duckdb-dedup', ({ peakMegabytes }) => peakMegabytes),
      ),
      figure(
        'sluice, written',
        'MB',
        values('sluice', ({ bytes }) => bytes / 1e6),
      ),
      figure(
        'DuckDB, written',
        'MB',
        values('duckdb', ({ bytes }) => bytes / 1e6),
      ),
    ],
  };
}

export const compactionCommand = (show: ShowReport): Command =>
  new Command('compaction')
    .description("a day's raw files to sorted ones, beside DuckDB's own sort and write")
    .option('--rows <count>', 'rows of the day', count, 400_000)
    .option('--files <count>', 'raw files of the day', count, 1_440)
    .option('--rounds <count>', 'turns of each engine', count, 5)
    .option('--growth', 'also ten times the rows, once', false)
    .action(async (options: { rows: number; files: number; rounds: number; growth: boolean }) =>
      show(await runCompactionBench(options)),
    );

/**
 * Returns the command of one round of one engine, to be started in a separate process; it prints its figures as JSON.
 */
export const compactionOnceCommand = (): Command =>
  new Command('compaction-once')
    .addArgument(new Argument('<engine>').choices(compactionEngines))
    .argument('<folder>')
    .action(async (engine: CompactionEngine, folder: string) => {
      console.log(JSON.stringify(await compactOnce(engine, folder)));
    });
