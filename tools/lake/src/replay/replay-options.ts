import { readCommandLine, type Terminal } from '@sluice/terminal/command-line';
import { Command, InvalidArgumentError } from 'commander';
import { addLakeOptions, day, type LakeOptions } from '../lake-options';
import { errorKinds, isErrorKind, type ErrorKind } from '@sluice/failed-records';

/** Options of the command line. */
export interface ReplayCommand extends LakeOptions {
  /** Name of an event type or of its table. */
  readonly event: string;
  readonly from?: string;
  readonly to?: string;
  readonly kind?: ErrorKind;
  readonly dryRun: boolean;
  /** Path of a module whose default export fixes a record. */
  readonly transform?: string;
  readonly stage: string;
}

const transformHelp = `
A module for --transform, such as fix.mjs. The record that it returns is sent;
if it returns nothing, the failed record stays:
  export default (bytes) => {
    const event = JSON.parse(Buffer.from(bytes).toString());
    event.amount = Number(event.amount);
    return JSON.stringify(event);
  };`;

/** Reads the command line. @throws CommandLineExit where it is wrong or asks for help */
export function parseReplayCommand(line: Terminal): ReplayCommand {
  const command = addLakeOptions(
    new Command('npm run lake -- replay')
      .description('Sends failed records back into their stream, each at most once.')
      .requiredOption('--event <name>', 'event type whose failed records to replay')
      .option('--from <day>', 'first day of the error output, such as 2026-01-31', day)
      .option('--to <day>', 'last day of the error output', day)
      .option('--kind <kind>', `one of ${errorKinds.join(', ')}; all by default`, kind)
      .option('--dry-run', 'show each reason with its first record, but send nothing', false)
      .option(
        '--transform <file>',
        'module whose default export returns the fixed record for a failed one (bytes)',
      ),
  )
    .option('--stage <name>', 'stage of the streams', line.env['SLUICE_STAGE'] ?? 'dev')
    .addHelpText('after', transformHelp);
  return readCommandLine(command, line, () => command.opts<ReplayCommand>());
}

function kind(text: string): ErrorKind {
  if (isErrorKind(text)) return text;
  throw new InvalidArgumentError(`It is one of ${errorKinds.join(', ')}.`);
}
