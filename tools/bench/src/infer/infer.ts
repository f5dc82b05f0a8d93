import { Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import { createInference } from '@sluice/schema-inference';
import { sampleEvents } from '@sluice/event-types/samples';
import type { BenchReport } from '../bench-report';
import { median, spreadOf } from '../interleaved-rounds';

export interface InferBenchOptions {
  /** Total size of the texts, in MB. @default 1000 */
  readonly megabytes?: number;
}

/** Events of one round. They are made once, so that making them is not measured. */
const blockEvents = 20_000;
const bytesPerMegabyte = 1_000_000;

/** Measures inference over a stream of events of any size, against `JSON.parse` of the same texts. */
export function runInferBench({ megabytes = 1000 }: InferBenchOptions = {}): BenchReport {
  const block = Array.from(sampleEvents('match_event', { count: blockEvents }), (event) =>
    JSON.stringify(event),
  );
  const blockBytes = block.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const rounds = Math.max(3, Math.ceil((megabytes * bytesPerMegabyte) / blockBytes));
  const inference = createInference({ name: 'bench', key: 'id', identity: 'id' });
  const rates: number[] = [];
  const parseRates: number[] = [];
  let peakBytes = 0;

  for (let round = 0; round < rounds; round++) {
    rates.push(rateOf(() => block.forEach((text) => inference.addText(text))));
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
    parseRates.push(rateOf(() => block.forEach((text) => JSON.parse(text) as unknown)));
  }
  const { report } = inference.finish();

  return {
    name: 'infer',
    about: `${report.events} events of ${Math.round(blockBytes / blockEvents)} bytes, ${Math.round((rounds * blockBytes) / bytesPerMegabyte)} MB`,
    figures: [
      {
        name: 'inference',
        value: median(rates),
        unit: 'events/s',
        spread: spreadOf(rates),
        target: { atLeast: 50_000 },
      },
      {
        name: 'JSON.parse',
        value: median(parseRates),
        unit: 'events/s',
        spread: spreadOf(parseRates),
      },
      {
        name: 'peak memory of the process',
        value: peakBytes / bytesPerMegabyte,
        unit: 'MB',
        target: { atMost: 300 },
      },
    ],
  };
}

function rateOf(work: () => void): number {
  const start = performance.now();
  work();
  return (blockEvents / (performance.now() - start)) * 1000;
}

export const inferCommand = (show: ShowReport): Command =>
  new Command('infer')
    .description('inference of an event type from a stream of events: speed and memory')
    .option('--megabytes <count>', 'text to infer from', count, 1000)
    .action((options: { megabytes: number }) => show(runInferBench(options)));
