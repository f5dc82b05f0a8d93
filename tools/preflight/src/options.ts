import { readCommandLine, type CommandLine } from '@sluice/terminal/command-line';
import { Command } from 'commander';

export interface Options {
  readonly stage: string;
  /** Folder of the cloud assembly; undefined for the stage's own. */
  readonly assembly: string | undefined;
  /** Ids of checks, or their first parts; empty for all. */
  readonly only: readonly string[];
  /** True to create change sets and delete them again. */
  readonly changeSets: boolean;
  /** True to write a JSON report to standard output instead of the table. */
  readonly json: boolean;
  readonly jsonFile: string | undefined;
  readonly list: boolean;
}

/** Parses the command line. @throws CommandLineExit where it is wrong or asks for help */
export function parseOptions(line: CommandLine): Options {
  const command = new Command('npx nx run infra:preflight --configuration=<stage> --')
    .description(
      'Looks before a deployment whether the account and region of the environment can take the stage: credentials, bootstrap, quotas, ' +
        'names, Lake Formation, change sets. Nothing is made but change sets, which are deleted again; their assets are uploaded.',
    )
    .option('--stage <name>', 'the stage; as --configuration=<stage>', 'dev')
    .option('--assembly <dir>', "its cloud assembly (the stage's own, dist/cdk.out/<stage>)")
    .option('--only <checks>', 'ids or their first parts, with commas: account,kinesis.shards')
    .option('--no-change-sets', 'makes no change sets and uploads nothing')
    .option('--json', 'the report as JSON on standard output, in place of the table')
    .option('--json-file <file>', 'writes the report as JSON')
    .option('--list', 'lists the checks and asks nothing')
    .addHelpText(
      'after',
      `
Each check says what was observed, and what to do where that is in the way. "advice" is what deploys and may fall behind under load, or
what can't be known from outside. The last line is JSON: {"passed","failed","advice","skipped","seconds"}.
Exit code 0: none failed; 1: some failed; 2: it could not be tried.

Examples:
  npx nx run infra:preflight --configuration=dev
  npx nx run infra:preflight --configuration=prod -- --no-change-sets --json
  npx nx run infra:preflight --configuration=dev -- --only account`,
    );
  return readCommandLine(command, line, () => {
    const parsed = command.opts<{
      readonly stage: string;
      readonly assembly?: string;
      readonly only?: string;
      readonly changeSets: boolean;
      readonly json?: true;
      readonly jsonFile?: string;
      readonly list?: true;
    }>();
    return {
      stage: parsed.stage,
      assembly: parsed.assembly,
      only: parsed.only?.split(',').filter((name) => name !== '') ?? [],
      changeSets: parsed.changeSets,
      json: parsed.json ?? false,
      jsonFile: parsed.jsonFile,
      list: parsed.list ?? false,
    };
  });
}
