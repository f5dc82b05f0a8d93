import { Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import { runTransformBench } from './transform';

export const transformCommand = (show: ShowReport): Command =>
  new Command('transform')
    .description('the transformer against parsing and serialising, and against a plain flatten')
    .option('--records <count>', 'records of one round', count, 4000)
    .option('--rounds <count>', 'counted rounds', count, 25)
    .action(async (options: { records: number; rounds: number }) =>
      show(await runTransformBench(options)),
    );
