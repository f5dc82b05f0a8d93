import { Command, CommanderError, Option } from 'commander';

export const formats = ['table', 'csv', 'json', 'parquet'] as const;

export type Format = (typeof formats)[number];

export interface Options {
  /** Undefined: an interactive shell. */
  readonly sql: string | undefined;
  readonly format: Format;
  readonly dataDir: string;
  /** Undefined: standard output. */
  readonly output: string | undefined;
}

/** The command line is wrong, or only asks for help; what there is to say was written already. */
export class CommandLineExit extends Error {
  override readonly name = 'CommandLineExit';
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

/**
 * @param args without the program's own two
 * @throws {@link CommandLineExit}
 */
export function parseOptions(
  args: readonly string[],
  write: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Options {
  const command = new Command('npm run sql --')
    .description('Asks the lake on this machine in SQL; without a query, an interactive shell.')
    .argument('[sql]', 'one query, such as "select * from product_event limit 10"')
    .addOption(new Option('--format <name>', 'of the result').choices(formats).default('table'))
    .option('--data-dir <dir>', 'of the local stack; it may run or not', '.sluice')
    .option('--output <file>', 'written in place of standard output')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write.out, writeErr: write.err })
    .addHelpText(
      'after',
      `
Examples:
  npm run sql -- "select dt, count(*) as events from product_event group by dt order by dt"
  npm run sql -- "select * from match_event_players" --format parquet --output result.parquet
  npm run sql`,
    );
  try {
    command.parse(args, { from: 'user' });
    const { format, dataDir, output } = command.opts<{
      readonly format: Format;
      readonly dataDir: string;
      readonly output?: string;
    }>();
    const [sql] = command.args;
    if (sql === undefined && output !== undefined)
      command.error('error: --output goes with a query');
    return { sql, format, dataDir, output };
  } catch (error) {
    if (error instanceof CommanderError) throw new CommandLineExit(error.exitCode);
    throw error;
  }
}
