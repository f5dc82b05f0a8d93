import { readCommandLine, type CommandLine } from '@sluice/terminal/command-line';
import { Command, InvalidArgumentError } from 'commander';
import { addLakeOptions, type LakeOptions } from '../lake-options';
import { delimiters, type Delimiter } from '@sluice/event-files';

/** Options of the command line. */
export interface PutReferenceCommand extends LakeOptions {
  readonly name: string;
  readonly file: string;
  /** Path of the key. */
  readonly key?: string;
  readonly delimiter?: Delimiter;
  /** Folder of `<name>.reference.json` files. */
  readonly definitions?: string;
  readonly writeDefinition: boolean;
  readonly dryRun: boolean;
}

/** Reads the command line. @throws CommandLineExit where it is wrong or asks for help */
export function parsePutReferenceCommand(line: CommandLine): PutReferenceCommand {
  const command = addLakeOptions(
    new Command('npm run lake -- put-reference')
      .description(
        'Makes a file the rows of a reference table, if all of it fits; readers see the old rows or the new ones.',
      )
      .requiredOption(
        '--name <name>',
        'reference table: letters a to z, digits and _, a letter first',
      )
      .requiredOption(
        '--file <file>',
        '.csv, .tsv, .ndjson, .jsonl or .json, each also with .gz; or .parquet',
      )
      .option('--key <path>', 'column whose value every row has one of its own of')
      .option(
        '--delimiter <character>',
        'between the cells of a CSV file: , ; | or tab; found out by default',
        delimiter,
      ),
  )
    .option(
      '--definitions <dir>',
      'folder of <name>.reference.json files; else SLUICE_EVENTS_DIR or that of the local stack',
    )
    .option('--write-definition', 'keep the inferred columns as a definition in that folder', false)
    .option('--dry-run', 'read and check the file, report, and write nothing', false)
    .addHelpText(
      'after',
      `
Examples:
  npm run lake -- put-reference --name players --file players.ndjson
  npm run lake -- put-reference --name prices --file prices.csv --dry-run
  npm run lake -- put-reference --name prices --file prices.csv.gz \\
    --key sku --bucket my-lake`,
    );
  return readCommandLine(command, line, () => command.opts<PutReferenceCommand>());
}

function delimiter(text: string): Delimiter {
  const wanted = text === 'tab' || text === '\\t' ? '\t' : text;
  const found = delimiters.find((known) => known === wanted);
  if (found === undefined) throw new InvalidArgumentError('It is , or ; or | or tab.');
  return found;
}
