import { Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogNames, joinQuery, joinReportQuery, sqlText } from '@sluice/event-schema';
import { matchEvent, matchEventPlayers } from '@sluice/event-types';
import type { BenchFigure, BenchReport } from '../bench-report';
import { interleavedRounds, median, ratios, spreadOf } from '../interleaved-rounds';
import { createJoinLake } from './join-lake';
import { benchDate } from '../seeded-day';

export interface JoinBenchOptions {
  readonly events: number;
  readonly players: number;
  readonly rounds: number;
}

/** Measures a day's join in DuckDB, and how much the view that removes duplicates adds to reading the files. */
export async function runJoinBench({
  events,
  players,
  rounds,
}: JoinBenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-join-'));
  try {
    const duckdb = await createJoinLake({ events, players, folder });
    const names = catalogNames(matchEvent);
    const day = sqlText(benchDate);
    // COPY accepts no parameters.
    const copy = (sql: string): string =>
      `COPY (${sql.replace('?', day)}) TO ${sqlText(join(folder, 'out.parquet'))} (FORMAT parquet, COMPRESSION zstd)`;
    const all = (table: string): string => copy(`SELECT * FROM ${table} WHERE dt = ?`);
    const work = {
      'join, written as Parquet': copy(joinQuery(matchEventPlayers)),
      'counts of the join': joinReportQuery(matchEventPlayers).replace('?', day),
      'rows of the view, counted': `SELECT count(*) FROM ${names.rows} WHERE dt = ${day}`,
      'rows of the view, copied': all(names.rows),
      'rows of the files, copied': all(names.files),
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
    const ratio = ratios(times, 'rows of the files, copied', 'rows of the view, copied');
    return {
      name: 'join',
      about: `${events} events and ${players} players, by DuckDB`,
      figures: [
        ...figures,
        {
          name: 'view, to the files alone',
          value: median(ratio),
          unit: '×',
          spread: spreadOf(ratio),
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const joinCommand = (show: ShowReport): Command =>
  new Command('join')
    .description('a day of events joined with a reference table by DuckDB, and the view it reads')
    .option('--events <count>', 'rows of the day', count, 180_000)
    .option('--players <count>', 'rows of the reference table', count, 3_600)
    .option('--rounds <count>', 'turns of each', count, 5)
    .action(async (options: JoinBenchOptions) => show(await runJoinBench(options)));
