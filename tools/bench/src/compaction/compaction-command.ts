import { Argument, Command } from 'commander';
import { runCompactionBench } from './compaction';
import { compactionEngines, compactOnce, type CompactionEngine } from './compaction-once';
import { count, type ShowReport } from '../bench-command';

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

/** One turn of one engine, for a process of its own; prints its figures as JSON. */
export const compactionOnceCommand = (): Command =>
  new Command('compaction-once')
    .addArgument(new Argument('<engine>').choices(compactionEngines))
    .argument('<folder>')
    .action(async (engine: CompactionEngine, folder: string) => {
      console.log(JSON.stringify(await compactOnce(engine, folder)));
    });
