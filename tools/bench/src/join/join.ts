import { Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinQuery, joinReportQuery, sqlText } from '@sluice/event-schema';
import { matchEventPlayers } from '@sluice/event-types';
import type { BenchFigure, BenchReport } from '../bench-report';
import { interleavedRounds, median, spreadOf } from '../interleaved-rounds';
import { createJoinLake } from './join-lake';
import { benchDate } from '../seeded-day';

export interface JoinBenchOptions {
  readonly events: number;
  readonly players: number;
  readonly rounds: number;
}

/** Measures a day's join in DuckDB. */
export async function runJoinBench({
  events,
  players,
  rounds,
}: JoinBenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-join-'));
  try {
    const duckdb = await createJoinLake({ events, players, folder });
    const day = sqlText(benchDate);
    // COPY accepts no parameters.
    const copy = (sql: string): string =>
      `COPY (${sql.replace('?', day)}) TO ${sqlText(join(folder, 'out.parquet'))} (FORMAT parquet, COMPRESSION zstd)`;
    const work = {
      'join, written as Parquet': copy(joinQuery(matchEventPlayers)),
      'counts of the join': joinReportQuery(matchEventPlayers).replace('?', day),
    };
    const times = await interleavedRounds(
      Object.entries(work).map(([name, sql]) => ({ name, run: () => duckdb.run(sql) })),
      { rounds, warmUpRounds: 1 },
    );
    duckdb.closeSync();
    const figures = [...times].map(([name, values]): BenchFigure => ({
      name,
      value: median(values),
      unit: 'ms',
      spread: spreadOf(values),
      ...(name === 'join, written as Parquet' && { target: { atMost: 3000 } }),
    }));
    return {
      name: 'join',
      about: `${events} events and ${players} players, by DuckDB`,
      figures,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const joinCommand = (show: ShowReport): Command =>
  new Command('join')
    .description('a day of events joined with a reference table by DuckDB')
    .option('--events <count>', 'rows of the day', count, 180_000)
    .option('--players <count>', 'rows of the reference table', count, 3_600)
    .option('--rounds <count>', 'turns of each', count, 5)
    .action(async (options: JoinBenchOptions) => show(await runJoinBench(options)));
