import { readCommandLine, type Terminal } from '@sluice/terminal/command-line';
import { Command, InvalidArgumentError } from 'commander';
import { defaultDataDir } from '../data-dir';
import { apiKeyOption, stageApi, urlOption, type StageApi } from '../stage-api';

/** Options of the command line. */
export interface Options extends StageApi {
  /** Names of the event types; undefined for all shipped ones that the API serves. */
  readonly events: readonly string[] | undefined;
  /**
   * File whose events are sent repeatedly, each time with a new identity; undefined for made-up events of the shipped
   * types.
   */
  readonly from: string | undefined;
  /** Events per second, of all event types together. */
  readonly eventsPerSecond: number;
  /** Minutes after which it ends; undefined to run until Ctrl-C. */
  readonly minutes: number | undefined;
  /** Percentage of events without a key, which fail in delivery. */
  readonly failingPercent: number;
  readonly dataDir: string;
  /** True where the last line of standard output is JSON. */
  readonly json: boolean;
}

const number =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most))
      throw new InvalidArgumentError(`it is a number from ${least} to ${most}`);
    return value;
  };

/** Reads the command line. @throws CommandLineExit where the line is wrong or asks for help */
export function parseOptions(line: Terminal): Options {
  const command = new Command('npm run simulate --')
    .description(
      'Sends events to the running local stack, or to a deployed stage, so that there is something to see.',
    )
    .option('--event <name...>', 'event types; by default all shipped ones that the API serves')
    .option('--from <file>', 'send the events of a file repeatedly, for one --event')
    .option('--events-per-second <n>', 'rate of all event types together', number(0.1, 10_000), 20)
    .option(
      '--minutes <n>',
      'stop after this time; by default run until Ctrl-C',
      number(0.01, 1_440),
    )
    .option(
      '--failing <percent>',
      'percentage of events without a key, which fail',
      number(0, 100),
      1,
    )
    .option('--data-dir <dir>', 'data directory of the local stack', defaultDataDir)
    .addOption(urlOption('ingest API'))
    .addOption(apiKeyOption())
    .option('--json', 'write the result as JSON in the last line', false)
    .addHelpText(
      'after',
      `
Each event gets a new identity, because it would otherwise be a copy. Made-up
events have the current time; events of a file keep their times.

Examples:
  npm run simulate
  npm run simulate -- --event product_event --events-per-second 500 --minutes 2
  npm run simulate -- --event order --from docs/examples/orders.ndjson`,
    );
  return readCommandLine(command, line, () => {
    const { event, failing, ...parsed } = command.opts<
      Omit<Options, 'events' | 'failingPercent'> & {
        readonly event: readonly string[] | undefined;
        readonly failing: number;
      }
    >();
    const api = stageApi(command, parsed, line);
    if (parsed.from !== undefined && event?.length !== 1)
      command.error('error: --from needs exactly one --event, the type of its events');
    return {
      events: event,
      from: parsed.from,
      eventsPerSecond: parsed.eventsPerSecond,
      minutes: parsed.minutes,
      failingPercent: failing,
      dataDir: parsed.dataDir,
      ...api,
      json: parsed.json,
    };
  });
}
