import { once } from 'node:events';
import { readHashKeys, secretNames } from '@sluice/privacy';
import type { SubjectCursor, TableCounts } from '@sluice/stored-people';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, UsageError, type Terminal } from '@sluice/terminal/command-line';
import { Command, Option } from 'commander';
import { counted } from '@sluice/values/figures';
import type { LakeTerminal } from '../lake-terminal';
import { addLakeOptions } from '../lake-options';
import { runOnTables, type TableOptions } from '../lake-tables';
import { ofPeople, privateKeys, referencesOfPeople, secretsOf } from './people-keys';

/** Options of the command line. */
interface SubjectCommand extends TableOptions {
  readonly subject: string;
  readonly stage: string;
  readonly format: 'ndjson' | 'csv';
}

const parse = (terminal: Terminal): SubjectCommand => {
  const command = addLakeOptions(
    new Command('npm run lake -- subject')
      .description(
        'Writes everything that the lake holds about one person: the rows and failed records of every event type whose definition has a "subject", and the rows of such reference tables, one a line. For erased people there is nothing.',
      )
      .requiredOption('--subject <value>', 'value that names the person, in clear')
      .option(
        '--event <name>',
        'event type or its table; by default all with a subject, and reference tables',
      )
      .addOption(
        new Option('--format <name>', 'output format').choices(['ndjson', 'csv']).default('ndjson'),
      ),
  )
    .option('--stage <name>', 'stage whose secrets to use', terminal.env['SLUICE_STAGE'] ?? 'dev')
    .addHelpText(
      'after',
      `
Examples:
  npm run -s lake -- subject --subject ada@example.org > ada.ndjson
  npm run -s lake -- subject --subject ada@example.org --format csv > ada.csv
  npm run -s lake -- subject --subject ada@example.org --bucket my-lake`,
    );
  return readCommandLine(command, terminal, () => command.opts<SubjectCommand>());
};

/** Largest number of lines in one step, which bounds the memory. */
const stepLines = 10_000;
const stepBytes = 8 << 20;

/**
 * Writes everything that the lake holds about the person whom the command line names, and reports the counts.
 * @returns the exit code
 */
export const runSubject = (terminal: LakeTerminal): Promise<number> =>
  runOnTables(
    terminal,
    parse,
    async ({ command, named, lake, eventTypes, catalog }) => {
      const { stderr, stdout } = terminal;
      const { subject, stage, format } = command;
      const readSecret = secretsOf(named);
      const keys = await privateKeys(eventTypes, readSecret, stage);
      const { csvLines, ndjsonLines, readSubjectPage, UnreadableFileError } =
        await import('@sluice/stored-people');
      const references = referencesOfPeople(catalog, command.event);
      const lines = format === 'csv' ? csvLines(eventTypes, { references }) : ndjsonLines();
      const end = format === 'csv' ? '\r\n' : '\n';
      if (lines.header !== undefined) await write(stdout, lines.header + end);
      const counts = new Map<string, TableCounts>();
      let from: SubjectCursor | undefined;
      do {
        const page = await readSubjectPage({
          ...{ store: lake.store, eventTypes, references, subject, lines, from, ...keys },
          readLedgerKeys: async () => readHashKeys(await readSecret(secretNames(stage).ledger)),
          ...{ maxLines: stepLines, maxBytes: stepBytes, deadlineMs: Infinity, now: Date.now },
        }).catch((error: unknown) => {
          throw error instanceof UnreadableFileError
            ? new UsageError(
                `${error.message}; the output is incomplete: see docs/guides/repair-a-damaged-file.md`,
              )
            : error;
        });
        await write(stdout, page.lines.map((line) => line + end).join(''));
        for (const [table, found] of page.tables) counts.set(table, sum(counts.get(table), found));
        from = page.next;
      } while (from);
      for (const [table, found] of counts) stderr.write(`${reportText(table, found)}\n`);
      return [...counts.values()].every(({ unreadRecords }) => unreadRecords === 0) ? 0 : 1;
    },
    ofPeople,
  );

/** Writes a text, and waits where the reader is slower. */
async function write(stream: LakeTerminal['stdout'], text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain');
}

const sum = (a: TableCounts | undefined, b: TableCounts): TableCounts => ({
  rows: (a?.rows ?? 0) + b.rows,
  failedRecords: (a?.failedRecords ?? 0) + b.failedRecords,
  unreadRecords: (a?.unreadRecords ?? 0) + b.unreadRecords,
  restrictedRecords: (a?.restrictedRecords ?? 0) + b.restrictedRecords,
});

/** Returns a sentence about the findings in a table, without the person's name. */
const reportText = (table: string, { rows, failedRecords, unreadRecords }: TableCounts): string =>
  wrapText(
    `${table}: ${counted(rows, 'row')}, ${counted(failedRecords, 'failed record')}` +
      (unreadRecords > 0
        ? `; ${counted(unreadRecords, 'failed record')} can't be read and expire with their retention`
        : ''),
  );
