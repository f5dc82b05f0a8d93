import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
 * Limits for a nested file. The work alone takes more than ten times as long as DuckDB's, which reads and writes
 * columns without making rows.
 */
const promised = { timesDuckDb: 10, timesItsWork: 25, megabytes: 400 };

const listColumns = 8;
const membersOfItem = 31;

export const putReferenceCommand = (show: ShowReport): Command =>
  new Command('put-reference')
    .description("a reference table from nested Parquet, beside DuckDB's own read and write")
    .option('--rows <count>', 'rows of the file, of 248 leaves each', count, 2_556)
    .option('--rounds <count>', 'turns of each engine', count, 3)
    .action(async (options: { rows: number; rounds: number }) =>
      show(await runPutReferenceBench(options)),
    );

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

/** Measures `put-reference` of a nested file against DuckDB, which reads the file and writes it again. */
async function runPutReferenceBench({
  rows,
  rounds,
}: {
  readonly rows: number;
  readonly rounds: number;
}): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-put-'));
  try {
    const file = join(folder, 'nested.parquet');
    await writeNestedFile(file, rows);
    const runs = new Map(putEngines.map((engine) => [engine, [] as PutRun[]]));
    for (let round = 0; round < rounds; round++)
      for (const engine of putEngines) {
        const run = inOwnProcess(engine, file);
        if (run.rows !== rows) throw new Error(`${engine} wrote ${run.rows} rows of ${rows}`);
        runs.get(engine)?.push(run);
      }
    const values = (engine: PutEngine, pick: (run: PutRun) => number): readonly number[] =>
      (runs.get(engine) ?? []).map(pick);
    const ours = values('sluice', ({ cpuMs }) => cpuMs);
    const duckDb = values('duckdb', ({ cpuMs }) => cpuMs);
    const times = (pick: (run: PutRun) => number): readonly number[] => {
      const rival = values('duckdb', pick);
      return values('sluice', pick).map((ms, round) => ms / (rival[round] ?? NaN));
    };
    const megabytes = values('sluice', ({ peakMegabytes }) => peakMegabytes);
    const figure = (name: string, unit: string, all: readonly number[]) => ({
      name,
      unit,
      value: median(all),
      spread: spreadOf(all),
    });
    return {
      name: 'put-reference',
      about: `${rows} rows of ${listColumns} lists of structs, ${listColumns * membersOfItem} leaves; ${rounds} turns, each in a process of its own`,
      figures: [
        figure('processor time, put-reference', 'ms', ours),
        figure('processor time, DuckDB', 'ms', duckDb),
        {
          ...figure(
            'put-reference / DuckDB',
            '×',
            times(({ cpuMs }) => cpuMs),
          ),
          target: { atMost: promised.timesDuckDb },
        },
        {
          ...figure(
            'the same, of the work alone',
            '×',
            times(({ workCpuMs }) => workCpuMs),
          ),
          target: { atMost: promised.timesItsWork },
        },
        { ...figure('peak memory', 'MB', megabytes), target: { atMost: promised.megabytes } },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const copied = await connection.run(
    `COPY (SELECT * FROM read_parquet('${file}')) TO '${file}.copy' (FORMAT parquet, CODEC zstd)`,
  );
  return copied.rowsChanged;
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
