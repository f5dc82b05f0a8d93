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
      'Keeps events coming, into the local stack that runs or into a deployed stage, so that there is something to see.',
    )
    .option('--event <name...>', 'event types; without it, all shipped ones that the API serves')
    .option('--from <file>', 'sends the events of a file over and over, for one --event')
    .option('--events-per-second <n>', 'of all event types together', number(0.1, 10_000), 20)
    .option('--minutes <n>', 'ends after so long; without it, Ctrl-C ends it', number(0.01, 1_440))
    .option('--failing <percent>', 'of the events lack their key, and fail', number(0, 100), 1)
    .option('--data-dir <dir>', 'of the local stack', defaultDataDir)
    .addOption(urlOption('ingest API'))
    .addOption(apiKeyOption())
    .option('--json', 'write what came of it as a last line of JSON', false)
    .addHelpText(
      'after',
      `
Each event gets a new identity, or it would be a copy. Made-up events happen
now; those of a file keep their times.

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
      command.error('error: --from needs one --event, of whose type its events are');
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
