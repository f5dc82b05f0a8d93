import { tableName } from '@sluice/event-schema';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, type Terminal } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { countText, sizeText } from '@sluice/values/figures';
import { addLakeOptions } from '../lake-options';
import { runOnTables, type TableOptions } from '../lake-tables';

interface VerifyCommand extends TableOptions {
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
    .option('--json', 'write the result as JSON in the last line', false)
    .addHelpText(
      'after',
      `
It ends with 1 where something is damaged; docs/guides/repair-a-damaged-file.md
says what to do then.

Examples:
  npm run lake -- verify
  npm run lake -- verify --bucket my-lake --event order`,
    );
  return readCommandLine(command, terminal, () => command.opts<VerifyCommand>());
};

/** Checks the files of the lake that the command line names, and reports the result. @returns the exit code */
export const runVerify = (terminal: Terminal): Promise<number> =>
  runOnTables(terminal, parse, async ({ command, lake, eventTypes }) => {
    const { stdout, stderr } = terminal;
    // The Parquet reader is not needed to refuse a command line.
    const { verifyLake } = await import('./verify-lake');
    let lastReportMs = performance.now();
    const verdict = await verifyLake({
      store: lake.store,
      tables: eventTypes.map(tableName),
      references: command.event === undefined,
      onProgress: ({ files, bytes }) => {
        if (performance.now() - lastReportMs < reportEveryMs) return;
        lastReportMs = performance.now();
        stderr.write(`${files} files, ${sizeText(bytes)} …\n`);
      },
    });
    for (const { key, problem } of verdict.damaged)
      stderr.write(`${key}\n${wrapText(problem, { first: '  ' })}\n`);
    const { files, bytes, rows, damaged } = verdict;
    stderr.write(
      `${wrapText(`${countText(files)} files were read, ${sizeText(bytes)} and ${countText(rows)} rows: ${damaged.length === 0 ? 'none is damaged' : `${damaged.length} damaged or missing; see docs/guides/repair-a-damaged-file.md`}.`)}\n`,
    );
    if (command.json) stdout.write(`${JSON.stringify(verdict)}\n`);
    return damaged.length === 0 ? 0 : 1;
  });

const reportEveryMs = 2_000;
