import { readCommandLine, type CommandLine } from '@sluice/terminal/command-line';
import { Command, InvalidArgumentError, Option } from 'commander';

export interface Options {
  /** Name of a deployed stage; undefined for a local stack. */
  readonly stage: string | undefined;
  /** Path of the `endpoints.json` of a running local stack. */
  readonly endpoints: string | undefined;
  readonly eventsPerSecond: number;
  readonly minutes: number;
  readonly lookupsPerSecond: number;
  /** Names of event types; empty for all. */
  readonly eventTypes: readonly string[];
  readonly maxDollars: number;
  /** Longest time from a post to its row, in milliseconds. */
  readonly deliveryMs: number;
  /** True to write a JSON report to standard output instead of the table. */
  readonly json: boolean;
  readonly jsonFile: string | undefined;
}

const amount =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text.replaceAll('_', ''));
    if (text.trim() === '' || !(value >= min && value <= max))
      throw new InvalidArgumentError(`It is a number from ${min} to ${max}.`);
    return value;
  };

/** Parses the command line. @throws CommandLineExit where it is wrong or asks for help */
export function parseOptions(line: CommandLine): Options {
  const command = new Command('npx nx run infra:load --')
    .description(
      'Sends events at a rate, follows some of them to their rows, and looks rows up meanwhile. Without a stage it starts a local stack ' +
        'in a temporary folder and loads that.',
    )
    .addOption(new Option('--stage <name>', 'the deployed stage; as --configuration=<stage>'))
    .addOption(
      new Option('--endpoints <file>', 'endpoints.json of a local stack that runs').conflicts(
        'stage',
      ),
    )
    .option('--events-per-second <n>', 'rate of all event types together', amount(0.1, 20_000), 100)
    .option('--minutes <n>', 'how long events are sent, up to 60', amount(0.01, 60), 1)
    .option('--lookups-per-second <n>', 'rows that are looked up meanwhile', amount(0, 500), 5)
    .option('--event-types <names>', 'with commas; all where it is left out')
    .option(
      '--max-dollars <n>',
      'a stage is not loaded where it should cost more',
      amount(0, 10_000),
      5,
    )
    .option(
      '--timeout-seconds <n>',
      'longest from a post to its row (300; local: 60)',
      amount(1, 3_600),
    )
    .option('--json', 'the report as JSON on standard output, in place of the table')
    .option('--json-file <file>', 'writes the report as JSON')
    .addHelpText(
      'after',
      `
It stops by itself, --minutes and --timeout-seconds and 100 seconds after the first event at the latest, also where nothing is answered;
Ctrl-C ends it early, with the report so far. Exit code 0: every sampled event that was accepted became a row, and every event and look-up
was answered; 1: not so, or nothing was accepted; 2: it could not be tried, or should cost too much.
The last line is JSON: {"accepted","refused","missing","lookupsFailed","seconds"}.

Examples:
  npx nx run infra:load -- --events-per-second 500 --minutes 1      # a local stack of its own
  npx nx run infra:load --configuration=dev -- --events-per-second 2000 --minutes 10
  npx nx run infra:load -- --endpoints .sluice/endpoints.json`,
    );
  return readCommandLine(command, line, () => {
    const parsed = command.opts<{
      readonly stage?: string;
      readonly endpoints?: string;
      readonly eventsPerSecond: number;
      readonly minutes: number;
      readonly lookupsPerSecond: number;
      readonly eventTypes?: string;
      readonly maxDollars: number;
      readonly timeoutSeconds?: number;
      readonly json?: true;
      readonly jsonFile?: string;
    }>();
    const { stage, endpoints, timeoutSeconds, ...rest } = parsed;
    return {
      ...rest,
      stage,
      endpoints,
      eventTypes: parsed.eventTypes?.split(',').filter((name) => name !== '') ?? [],
      deliveryMs: 1_000 * (timeoutSeconds ?? (stage === undefined ? 60 : 300)),
      json: parsed.json ?? false,
      jsonFile: parsed.jsonFile,
    };
  });
}
