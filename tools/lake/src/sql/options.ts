import { readCommandLine, type CommandLine } from '@sluice/terminal/command-line';
import { Command, Option } from 'commander';
import { defaultDataDir } from '../data-dir';

/**
 * Output formats. `table` is for people, and becomes `vertical` where its lines are too wide; `csv-neutralised` is
 * for spreadsheets, which take none of its texts for a formula.
 */
const formats = ['table', 'vertical', 'csv', 'csv-neutralised', 'json', 'parquet'] as const;

export type Format = (typeof formats)[number];

export interface Options {
  /** Query to run; undefined for an interactive shell. */
  readonly sql: string | undefined;
  readonly format: Format;
  readonly dataDir: string;
  /** File for the output; undefined for standard output. */
  readonly output: string | undefined;
}

/** Reads the command line. @throws CommandLineExit where it is wrong or asks for help */
export function parseOptions(line: CommandLine): Options {
  const command = new Command('npm run sql --')
    .description('Queries the lake on this machine in SQL; without a query, opens a shell.')
    .argument('[sql]', 'one query, such as "select * from product_event limit 10"')
    .addOption(
      new Option('--format <name>', 'format of the result').choices(formats).default('table'),
    )
    .option('--data-dir <dir>', 'data directory of the local stack, running or not', defaultDataDir)
    .option('--output <file>', 'file to write instead of standard output')
    .addHelpText(
      'after',
      `
Values of csv are exact, so a spreadsheet evaluates a text such as =1+1 as a
formula. csv-neutralised puts an apostrophe before texts that begin with
= + - @, a tab or a line break.

Examples:
  npm run sql -- "select dt, count(*) from product_event group by dt order by 1"
  npm run sql -- "select * from match_event_players" \\
    --format parquet --output result.parquet
  npm run sql`,
    );
  return readCommandLine(command, line, () => {
    const { format, dataDir, output } = command.opts<{
      readonly format: Format;
      readonly dataDir: string;
      readonly output?: string;
    }>();
    const [sql] = command.args;
    if (sql === undefined && output !== undefined) command.error('error: --output needs a query');
    return { sql, format, dataDir, output };
  });
}
