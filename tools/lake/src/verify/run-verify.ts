import { tableName } from '@sluice/event-schema';
import { readFolderCatalog } from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import { wrapText } from '@sluice/terminal';
import {
  readCommandLine,
  runCommand,
  UsageError,
  type Terminal,
} from '@sluice/terminal/command-line';
import { Command } from 'commander';
import {
  addedDefinitions,
  addLakeOptions,
  lakeErrors,
  namedLake,
  openNamedLake,
  type LakeOptions,
} from '../lake-options';
import type { LakeVerdict } from './verify-lake';

interface VerifyCommand extends LakeOptions {
  readonly event?: string;
  readonly json: boolean;
}

const parse = (terminal: Terminal): VerifyCommand => {
  const command = addLakeOptions(
    new Command('npm run lake -- verify')
      .description(
        'Reads every manifest and every file that look-ups and queries read, and names those that are damaged or missing. Changes nothing.',
      )
      .option(
        '--event <name>',
        'event type, or its table; all, and the reference tables, by default',
      ),
  )
    .option('--json', 'write the verdict as a last line of JSON', false)
    .addHelpText(
      'after',
      `
It ends with 1 where something is damaged; docs/guides/mend-a-damaged-file.md
says what to do then.

Examples:
  npm run lake -- verify
  npm run lake -- verify --bucket my-lake --event order`,
    );
  return readCommandLine(command, terminal, () => command.opts<VerifyCommand>());
};

/** Checks the files of the lake that the command line names, and reports the result. @returns the exit code */
export const runVerify = (terminal: Terminal): Promise<number> =>
  runCommand(terminal, lakeErrors, async () => {
    const { env, stdout, stderr } = terminal;
    const command = parse(terminal);
    const lake = namedLake(command, env);
    const { eventTypes } = readFolderCatalog(
      addedDefinitions(lake, env),
      shippedDefinitions,
    ).catalog;
    const { event } = command;
    const wanted = eventTypes.filter(
      (one) => event === undefined || one.name === event || tableName(one) === event,
    );
    if (wanted.length === 0)
      throw new UsageError(
        `there is no event type ${event ?? ''}; there is ${eventTypes.map(({ name }) => name).join(', ')}`,
      );
    const opened = await openNamedLake(lake);
    let verdict: LakeVerdict;
    try {
      // The Parquet reader is not needed to refuse a command line.
      const { verifyLake } = await import('./verify-lake');
      let lastReportMs = performance.now();
      verdict = await verifyLake({
        store: opened.store,
        tables: wanted.map(tableName),
        references: event === undefined,
        onProgress: ({ files, bytes }) => {
          if (performance.now() - lastReportMs < tellEveryMs) return;
          lastReportMs = performance.now();
          stderr.write(`${files} files, ${size(bytes)} …\n`);
        },
      });
    } finally {
      await opened.close();
    }
    for (const { key, problem } of verdict.damaged)
      stderr.write(`${key}\n${wrapText(problem, { first: '  ' })}\n`);
    const { files, bytes, rows, damaged } = verdict;
    stderr.write(
      `${wrapText(`${files.toLocaleString('en')} files were read, ${size(bytes)} and ${rows.toLocaleString('en')} rows: ${damaged.length === 0 ? 'all of them are whole' : `${damaged.length} damaged or missing; see docs/guides/mend-a-damaged-file.md`}.`)}\n`,
    );
    if (command.json) stdout.write(`${JSON.stringify(verdict)}\n`);
    return damaged.length === 0 ? 0 : 1;
  });

const tellEveryMs = 2_000;

const size = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
