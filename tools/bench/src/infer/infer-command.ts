import { Command } from 'commander';
import { runInferBench } from './infer';
import { count, type ShowReport } from '../bench-command';

export const inferCommand = (show: ShowReport): Command =>
  new Command('infer')
    .description('inference of an event type from a stream of events: speed and memory')
    .option('--megabytes <count>', 'text to infer from', count, 1000)
    .action((options: { megabytes: number }) => show(runInferBench(options)));
