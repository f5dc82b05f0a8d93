import { handleBrokenOutput } from '@sluice/terminal/broken-output';
import { Command, InvalidArgumentError, Option } from 'commander';
import { estimate } from './estimate';
import { pricesByRegion } from './price-table';
import { report } from './report';
import type { Workload } from './workload';

handleBrokenOutput(process);

interface Options extends Workload {
  readonly region: string;
  readonly json?: true;
}

const amount =
  (min: number, max = Infinity) =>
  (text: string): number => {
    const value = Number(text.replaceAll('_', '').replaceAll(',', ''));
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(
        max === Infinity ? `Use a number from ${min}.` : `Use a number from ${min} to ${max}.`,
      );
    return value;
  };

new Command('npm run cost --')
  .description('Estimates what a month on AWS costs, service by service.')
  .requiredOption('--events-per-day <n>', 'events that come in a day', amount(0))
  .option('--event-bytes <n>', 'size of an event as JSON', amount(1, 1_048_576), 600)
  .option('--lookups-per-day <n>', 'rows that are asked for a day', amount(0), 0)
  .option('--events-per-request <n>', '1 to 500: how many the senders batch', amount(1, 500), 1)
  .option('--event-types <n>', 'streams, tables and functions', amount(1), 1)
  .option('--joins <n>', 'joins with reference tables, each run once a day', amount(0), 0)
  .option('--queries-per-day <n>', 'named queries that are asked for a day', amount(0), 0)
  .option('--query-bytes <n>', 'what a query reads', amount(0), 100_000_000)
  .option('--crawls-per-day <n>', 'runs of the crawler over reference files', amount(0), 0)
  .addOption(
    new Option('--streams <mode>', 'how Kinesis is paid for')
      .choices(['on-demand', 'provisioned'])
      .default('on-demand'),
  )
  .option('--region <name>', 'one of the regions of the price table', 'us-east-1')
  .option('--json', 'print the figures as JSON')
  .action(({ region, json, ...workload }: Options, command: Command) => {
    const prices = pricesByRegion.get(region);
    if (!prices)
      command.error(
        `error: no prices for ${region}; there are those of ${[...pricesByRegion.keys()].join(', ')} ` +
          '(add it to tools/cost/src/price-table.ts)',
      );
    const result = estimate(workload, prices);
    process.stdout.write(
      `${json ? JSON.stringify({ region, workload, ...result }) : report(workload, region, result)}\n`,
    );
  })
  .parse();
