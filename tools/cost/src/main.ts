import { estimate, pricesByRegion, type Prices, type Workload } from '@sluice/cost-model';
import { handleBrokenOutput } from '@sluice/terminal/broken-output';
import { Command, InvalidArgumentError, Option } from 'commander';
import { erasureReport, estimateErasure, type ErasureWorkload } from './erasure';
import { report } from './report';

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

/** Returns the prices of a region, or ends the command with a sentence. */
function pricesOf(region: string, command: Command): Prices {
  const prices = pricesByRegion.get(region);
  if (prices) return prices;
  return command.error(
    `error: no prices for ${region}; there are those of ${[...pricesByRegion.keys()].join(', ')} ` +
      '(add it to libs/cost-model/src/price-table.ts)',
  );
}

const root = new Command('npm run cost --')
  .description('Estimates what a month on AWS costs, service by service.')
  .option('--events-per-day <n>', 'events that come in a day; it has to be given', amount(0))
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
    // Commander would ask for a required option before the commands below as well.
    if ((workload.eventsPerDay as number | undefined) === undefined)
      command.error("error: required option '--events-per-day <n>' not specified");
    const prices = pricesOf(region, command);
    const result = estimate(workload, prices);
    process.stdout.write(
      `${json ? JSON.stringify({ region, workload, ...result }) : report(workload, region, result)}\n`,
    );
  });

interface ErasureOptions extends ErasureWorkload {
  readonly region: string;
  readonly json?: true;
}

root
  .command('erasure')
  .summary('estimates what it costs to erase one person')
  .description('Estimates what it costs to erase one person from a lake.')
  .requiredOption('--stored-bytes <n>', 'size of the compacted files', amount(0))
  .option('--days <n>', 'days that have rows', amount(1), 400)
  .option('--days-held <n>', 'days in which the person has rows', amount(0), 30)
  .option('--files-held <n>', 'files of such a day that hold the person', amount(1), 1)
  .option('--indexes <n>', 'indexes of the event types', amount(0), 0)
  .addOption(
    new Option('--found-by <way>', 'what tells which files hold the person')
      .choices(['key', 'index', 'scan'])
      .default('key'),
  )
  .option('--region <name>', 'one of the regions of the price table', 'us-east-1')
  .option('--json', 'print the figures as JSON')
  .action((_: unknown, command: Command) => {
    // The command around it has options of these names as well.
    const { region, json, ...workload } = command.optsWithGlobals<ErasureOptions>();
    const result = estimateErasure(workload, pricesOf(region, command));
    process.stdout.write(
      `${json ? JSON.stringify({ region, workload, ...result }) : erasureReport(workload, region, result)}\n`,
    );
  });

root.parse();
