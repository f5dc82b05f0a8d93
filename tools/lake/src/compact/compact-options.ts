import { Command, InvalidArgumentError } from 'commander';
import { parseDate } from '@sluice/values';

/** What the command line says. */
export interface CompactCommand {
  /** Name of an event type or of its table; undefined: all. */
  readonly event?: string;
  /** One day; undefined: every day that has something to do. */
  readonly date?: string;
  readonly seal: boolean;
  /** Data directory of a local stack, running or stopped. */
  readonly dataDir: string;
  /** The lake's bucket on AWS; undefined: the data directory. */
  readonly bucket?: string;
  readonly json: boolean;
}

/** @throws CommanderError where the line is wrong or asks for help. */
export function parseCompactCommand(args: readonly string[]): CompactCommand {
  const command = new Command('npx nx run lake:compact --')
    .description(
      'Compacts now: sorts raw files by key, and lists them for SQL. The schedule does the same every few minutes.',
    )
    .option('--event <name>', 'event type, or its table; all by default')
    .option(
      '--date <day>',
      'such as 2026-01-31; every day that has something to do by default',
      day,
    )
    .option('--seal', 'seal that day although it is not over for long enough', false)
    .option('--data-dir <dir>', 'data directory of a local stack, running or stopped', '.sluice')
    .option('--bucket <name>', "the lake's bucket on AWS; else LAKE_BUCKET")
    .option('--json', 'write what was done as a last line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  npx nx run lake:compact
  npx nx run lake:compact -- --event order --date 2026-01-31
  npx nx run lake:compact -- --bucket my-lake --event order`,
    )
    .allowExcessArguments(false)
    .exitOverride();
  command.parse(args, { from: 'user' });
  const options = command.opts<CompactCommand>();
  if (options.seal && options.date === undefined) command.error('error: --seal goes with --date');
  return options;
}

function day(text: string): string {
  if (parseDate(text) === undefined)
    throw new InvalidArgumentError('A day is written as 2026-01-31.');
  return text;
}
