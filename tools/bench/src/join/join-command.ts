import { Command } from 'commander';
import { runJoinBench, type JoinBenchOptions } from './join';
import { count, type ShowReport } from '../bench-command';

export const joinCommand = (show: ShowReport): Command =>
  new Command('join')
    .description('a day of events joined with a reference table by DuckDB, and the view it reads')
    .option('--events <count>', 'rows of the day', count, 180_000)
    .option('--players <count>', 'rows of the reference table', count, 3_600)
    .option('--rounds <count>', 'turns of each', count, 5)
    .action(async (options: JoinBenchOptions) => show(await runJoinBench(options)));
