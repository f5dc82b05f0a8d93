import { Command } from 'commander';
import { runIngestBench } from './ingest';
import { count, type ShowReport } from '../bench-command';

export const ingestCommand = (show: ShowReport): Command =>
  new Command('ingest')
    .description('events through the local gateway into Kinesis, one by one and in batches')
    .option('--seconds <count>', 'of one round', count, 2)
    .option('--rounds <count>', 'counted rounds', count, 5)
    .action(async (options: { seconds: number; rounds: number }) =>
      show(await runIngestBench(options)),
    );
