import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { putReference } from '@sluice/lake/put-reference';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { Argument, Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import type { BenchReport } from '../bench-report';
import { median, spreadOf } from '../interleaved-rounds';
import { peakMemoryMb } from '../peak-memory';

const putEngines = ['sluice', 'duckdb'] as const;
type PutEngine = (typeof putEngines)[number];

interface PutRun {
  readonly rows: number;
  /** Processor time of the whole process in milliseconds, including its start. */
  readonly cpuMs: number;
  /** Processor time of the work alone, in milliseconds. */
  readonly workCpuMs: number;
  readonly peakMegabytes: number;
}

/**
 * Bounds of processor time, as a multiple of DuckDB's, and of memory. They hold both for the whole process and for
 * the work alone.
 */
const promised = { times: 10, megabytes: 400 };

const listColumns = 8;
const membersOfItem = 31;

export const putReferenceCommand = (show: ShowReport): Command =>
  new Command('put-reference')
    .description("a reference table from Parquet, beside DuckDB's own read and write")
    .option(
      '--file <path...>',
      'Parquet files to put, one after the other; default: one that is made',
    )
    .option('--rows <count>', 'rows of the file, of 248 leaves each', count, 2_556)
    .option('--rounds <count>', 'turns of each engine', count, 3)
    .action(async (options: { file?: readonly string[]; rows: number; rounds: number }) => {
      const { file: files, rows, rounds } = options;
      if (!files) show(await benchNestedFile(rows, rounds));
      for (const file of files ?? [])
        show(benchFile(file, `${basename(file)}; ${turns(rounds)}`, rounds));
    });

/**
 * Returns the command of one round of one engine, to be started in a separate process; it prints its figures as JSON.
 */
export const putReferenceOnceCommand = (): Command =>
  new Command('put-reference-once')
    .addArgument(new Argument('<engine>').choices(putEngines))
    .argument('<file>')
    .action(async (engine: PutEngine, file: string) => {
      console.log(JSON.stringify(await putOnce(engine, file)));
    });

const turns = (rounds: number): string => `${rounds} turns, each in a process of its own`;

async function benchNestedFile(rows: number, rounds: number): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-put-'));
  try {
    const file = join(folder, 'nested.parquet');
    await writeNestedFile(file, rows);
    const leaves = listColumns * membersOfItem;
    return benchFile(
      file,
      `${rows} rows of ${listColumns} lists of structs, ${leaves} leaves; ${turns(rounds)}`,
      rounds,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Measures `put-reference` of a file against DuckDB, which reads the file and writes it again. */
function benchFile(file: string, about: string, rounds: number): BenchReport {
  const runs = new Map(putEngines.map((engine) => [engine, [] as PutRun[]]));
  for (let round = 0; round < rounds; round++) {
    const [ours, theirs] = putEngines.map((engine) => {
      const run = inOwnProcess(engine, file);
      runs.get(engine)?.push(run);
      return run.rows;
    });
    if (ours !== theirs) throw new Error(`put-reference wrote ${ours} rows, DuckDB ${theirs}`);
  }
  const values = (engine: PutEngine, pick: (run: PutRun) => number): readonly number[] =>
    (runs.get(engine) ?? []).map(pick);
  const times = (pick: (run: PutRun) => number): readonly number[] => {
    const rival = values('duckdb', pick);
    return values('sluice', pick).map((ms, round) => ms / (rival[round] ?? NaN));
  };
  const figure = (name: string, unit: string, all: readonly number[]) => ({
    name,
    unit,
    value: median(all),
    spread: spreadOf(all),
  });
  const cpuMs = (run: PutRun): number => run.cpuMs;
  const megabytes = values('sluice', ({ peakMegabytes }) => peakMegabytes);
  const target = { atMost: promised.times };
  return {
    name: 'put-reference',
    about,
    figures: [
      figure('processor time, put-reference', 'ms', values('sluice', cpuMs)),
      figure('processor time, DuckDB', 'ms', values('duckdb', cpuMs)),
      { ...figure('put-reference / DuckDB', '×', times(cpuMs)), target },
      {
        ...figure(
          'the same, of the work alone',
          '×',
          times((run) => run.workCpuMs),
        ),
        target,
      },
      { ...figure('peak memory', 'MB', megabytes), target: { atMost: promised.megabytes } },
    ],
  };
}

function inOwnProcess(engine: PutEngine, file: string): PutRun {
  const [node, script = ''] = process.argv;
  const output = execFileSync(node ?? 'node', [script, 'put-reference-once', engine, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString()) as PutRun;
}

/** Does the work once, with one of the engines. */
async function putOnce(engine: PutEngine, file: string): Promise<PutRun> {
  const start = process.cpuUsage();
  const rows = engine === 'sluice' ? await putWithSluice(file) : await copyWithDuckDb(file);
  const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;
  return {
    rows,
    cpuMs: milliseconds(process.cpuUsage()),
    workCpuMs: milliseconds(process.cpuUsage(start)),
    peakMegabytes: peakMemoryMb(),
  };
}

async function putWithSluice(file: string): Promise<number> {
  const result = await putReference({ store: new MemoryObjectStore(), file, name: 'nested' });
  if (result.outcome === 'refused') throw new Error(result.problems.join('\n'));
  return result.report.rows;
}

async function copyWithDuckDb(file: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-put-'));
  try {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const copied = await connection.run(
      `COPY (SELECT * FROM read_parquet('${file}')) TO '${join(folder, 'copy.parquet')}' (FORMAT parquet, CODEC zstd)`,
    );
    return copied.rowsChanged;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a file with lists of one or two structs, whose members have each type in turn. */
async function writeNestedFile(file: string, rows: number): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = Array.from({ length: listColumns }, (_, column) => {
    const members = Array.from({ length: membersOfItem }, (_, member) => {
      const n = `(i * 31 + ${column * membersOfItem + member} + j)`;
      const values = [
        n,
        `'text ' || ${n}`,
        `${n} / 7.0::DOUBLE`,
        `make_timestamp(1700000000000000 + ${n} * 1000003)`,
        `(${n} / 100)::DECIMAL(12, 2)`,
        `${n} % 2 = 0`,
        `DATE '2020-01-01' + (${n} % 3000)::INTEGER`,
      ];
      return `'member_${member}': ${values[member % values.length] ?? n}`;
    });
    return `list_transform(range(1 + i % 2), lambda j: {${members.join(', ')}}) AS part_${column}`;
  });
  await connection.run(
    `COPY (SELECT ${columns.join(', ')} FROM range(${rows}) t(i)) TO '${file}' (FORMAT parquet)`,
  );
}
