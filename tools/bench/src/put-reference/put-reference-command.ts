import { Argument, Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import { putEngines, putOnce, runPutReferenceBench, type PutEngine } from './put-reference';

export const putReferenceCommand = (show: ShowReport): Command =>
  new Command('put-reference')
    .description("a reference table from nested Parquet, beside DuckDB's own read and write")
    .option('--rows <count>', 'rows of the file, of 248 leaves each', count, 2_556)
    .option('--rounds <count>', 'turns of each engine', count, 3)
    .action(async (options: { rows: number; rounds: number }) =>
      show(await runPutReferenceBench(options)),
    );

/** One turn of one engine, for a process of its own; prints its figures as JSON. */
export const putReferenceOnceCommand = (): Command =>
  new Command('put-reference-once')
    .addArgument(new Argument('<engine>').choices(putEngines))
    .argument('<file>')
    .action(async (engine: PutEngine, file: string) => {
      console.log(JSON.stringify(await putOnce(engine, file)));
    });
