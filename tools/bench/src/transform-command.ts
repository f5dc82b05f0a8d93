import { Command, InvalidArgumentError } from 'commander';
import type { ShowReport } from './main';
import { runTransformBench } from './transform';

export const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('a whole number of at least 1 is needed');
  return value;
};

export const transformCommand = (show: ShowReport): Command =>
  new Command('transform')
    .description('the transformer against parsing and serialising, and against a plain flatten')
    .option('--records <count>', 'records of one round', count, 4000)
    .option('--rounds <count>', 'counted rounds', count, 25)
    .action(async (options: { records: number; rounds: number }) =>
      show(await runTransformBench(options)),
    );
