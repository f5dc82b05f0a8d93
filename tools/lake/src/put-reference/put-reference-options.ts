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
        'Replaces the rows of a reference table by those of a file, if all of them are valid; readers see either the old or the new rows.',
      )
      .requiredOption(
        '--name <name>',
        'reference table: letters a to z, digits and _, a letter first',
      )
      .requiredOption(
        '--file <file>',
        '.csv, .tsv, .ndjson, .jsonl or .json, each also with .gz; or .parquet',
      )
      .option('--key <path>', 'column whose values are unique')
      .option(
        '--delimiter <character>',
        'delimiter of a CSV file: , ; | or tab; detected by default',
        delimiter,
      ),
  )
    .option(
      '--definitions <dir>',
      'folder of <name>.reference.json files; by default SLUICE_EVENTS_DIR, or the folder of the local stack',
    )
    .option('--write-definition', 'save the inferred columns as a definition in that folder', false)
    .option('--dry-run', 'read and check the file, but write nothing', false)
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
