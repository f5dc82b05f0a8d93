import { readCommandLine, type CommandLine } from '@sluice/terminal/command-line';
import { Command, InvalidArgumentError, Option } from 'commander';

export interface Options {
  /** Name of a deployed stage; undefined for a local stack. */
  readonly stage: string | undefined;
  /** Path of the `endpoints.json` of a running local stack. */
  readonly endpoints: string | undefined;
  /** Templates for a local stack that the run starts itself. */
  readonly assembly: string | undefined;
  /** Ids of checks, or their first parts; empty for all. */
  readonly only: readonly string[];
  /** Longest time from a post to its row, in milliseconds. */
  readonly deliveryMs: number;
  /** True to write a JSON report to standard output. */
  readonly json: boolean;
  readonly jsonFile: string | undefined;
  readonly junitFile: string | undefined;
  readonly list: boolean;
}

const seconds = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 1 && value <= 3_600))
    throw new InvalidArgumentError('It is a number of seconds from 1 to 3600.');
  return value;
};

/** Parses the command line. @throws CommandLineExit where it is wrong or asks for help */
export function parseOptions(line: CommandLine): Options {
  const command = new Command('npx nx run infra:verify --')
    .description(
      'Puts every assumption about AWS to the test: posts marked events, follows them to rows, replays, compacts, queries. ' +
        'Without a stage it starts a local stack in a temporary folder and verifies that.',
    )
    .addOption(new Option('--stage <name>', 'the deployed stage; as --configuration=<stage>'))
    .addOption(
      new Option('--endpoints <file>', 'endpoints.json of a local stack that runs').conflicts(
        'stage',
      ),
    )
    .addOption(
      new Option('--assembly <dir>', 'templates for a local stack of its own').conflicts([
        'stage',
        'endpoints',
      ]),
    )
    .option('--only <checks>', 'ids or their first parts, with commas: gateway,delivery.rows')
    .option('--timeout-seconds <n>', 'longest from a post to its row (300; local: 60)', seconds)
    .option('--json', 'the report as JSON on standard output, in place of the table')
    .option('--json-file <file>', 'writes the report as JSON')
    .option('--junit-file <file>', 'writes the report as JUnit XML')
    .option('--list', 'lists the checks and tries none')
    .addHelpText(
      'after',
      `
Each check prints its assumption, what is expected and what was observed. The last line is JSON:
{"passed","failed","skipped","seconds"}. Exit code 0: none failed; 1: some failed; 2: it could not be tried.

Examples:
  npx nx run infra:verify                                     # a local stack of its own
  npx nx run infra:verify --configuration=dev                 # the stage dev, some six minutes, some cents
  npx nx run infra:verify -- --endpoints .sluice/endpoints.json --only delivery`,
    );
  return readCommandLine(command, line, () => {
    const parsed = command.opts<{
      readonly stage?: string;
      readonly endpoints?: string;
      readonly assembly?: string;
      readonly only?: string;
      readonly timeoutSeconds?: number;
      readonly json?: true;
      readonly jsonFile?: string;
      readonly junitFile?: string;
      readonly list?: true;
    }>();
    return {
      stage: parsed.stage,
      endpoints: parsed.endpoints,
      assembly: parsed.assembly,
      only: parsed.only?.split(',').filter((name) => name !== '') ?? [],
      deliveryMs: 1_000 * (parsed.timeoutSeconds ?? (parsed.stage === undefined ? 60 : 300)),
      json: parsed.json ?? false,
      jsonFile: parsed.jsonFile,
      junitFile: parsed.junitFile,
      list: parsed.list ?? false,
    };
  });
}
