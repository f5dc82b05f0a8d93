import type { ErasureReport, ReferenceErasure } from '@sluice/lake-maintenance';
import { wrapText } from '@sluice/terminal';
import { readCommandLine, UsageError, type Terminal } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { counted } from '@sluice/values/figures';
import { addLakeOptions } from '../lake-options';
import { runOnTables, type TableOptions } from '../lake-tables';
import { ofPeople, privateKeys, referencesOfPeople, secretsOf } from './people-keys';

/** Options of the command line. */
interface EraseCommand extends TableOptions {
  readonly subject: string;
  readonly stage: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const parse = (terminal: Terminal): EraseCommand => {
  const command = addLakeOptions(
    new Command('npm run lake -- erase')
      .description(
        'Erases the rows and failed records of one person from every event type and reference table whose definition has a "subject". The replaced files are deleted by a compaction an hour later.',
      )
      .requiredOption('--subject <value>', 'value that names the person, in clear')
      .option(
        '--event <name>',
        'event type or its table; by default all with a subject, and reference tables',
      )
      .option('--dry-run', 'report what would be removed, and change nothing', false),
  )
    .option('--stage <name>', 'stage whose secrets to use', terminal.env['SLUICE_STAGE'] ?? 'dev')
    .option('--json', 'write the result as JSON in the last line, without the subject', false)
    .addHelpText(
      'after',
      `
Examples:
  npm run lake -- erase --subject ada@example.org --dry-run
  npm run lake -- erase --subject ada@example.org --event order --bucket my-lake`,
    );
  return readCommandLine(command, terminal, () => command.opts<EraseCommand>());
};

/** Erases the person whom the command line names, and reports the result. @returns the exit code */
export const runErase = (terminal: Terminal): Promise<number> =>
  runOnTables(
    terminal,
    parse,
    async ({ command, named, lake, eventTypes, catalog }) => {
      const { stdout, stderr } = terminal;
      const { subject, stage, dryRun, json } = command;
      const keys = await privateKeys(eventTypes, secretsOf(named), stage);
      const { ErasureError, eraseReferences, eraseSubjects, GluePointer } =
        await import('@sluice/lake-maintenance');
      const [references = []] = await eraseReferences({
        ...{ store: lake.store, subjects: [{ subject }], dryRun, ...keys },
        references: referencesOfPeople(catalog, command.event),
      });
      for (const report of references) stderr.write(`${referenceText(report)}\n`);
      const reports: ErasureReport[] = [];
      for (const eventType of eventTypes) {
        const { store, bucket, glue } = lake;
        const made = await eraseSubjects({
          ...{ store, bucket, eventType, subjects: [{ subject }], dryRun },
          ...(glue && { catalog: new GluePointer(glue) }),
          ...keys,
        }).catch((error: unknown) => {
          throw error instanceof ErasureError ? new UsageError(error.message) : error;
        });
        reports.push(...made);
        for (const report of made) stderr.write(`${reportText(report)}\n`);
      }
      if (json) stdout.write(`${JSON.stringify({ dryRun, tables: reports, references })}\n`);
      return reports.every(({ unreadRecords }) => unreadRecords === 0) ? 0 : 1;
    },
    ofPeople,
  );

/** Writes the result for a table, without the person's name. */
function reportText(report: ErasureReport): string {
  const { table, dryRun, days, searchedDays, failedRecords, unreadRecords, takenFiles } = report;
  const rows = days.reduce((sum, day) => sum + day.rows, 0);
  const files = days.reduce((sum, day) => sum + day.files.length, 0);
  return wrapText(
    `${table}: ${counted(rows, 'row')} in ${counted(files, 'file')} of ${counted(days.length, 'day')} (${searchedDays} searched), ${counted(failedRecords, 'failed record')} ${dryRun ? 'would be erased' : 'erased'}` +
      (unreadRecords > 0
        ? `; ${counted(unreadRecords, 'failed record')} can't be read and expire with their retention`
        : '') +
      (takenFiles > 0
        ? `; ${counted(takenFiles, 'dropped file')} that ${takenFiles === 1 ? 'was' : 'were'} taken ${dryRun ? 'would go' : 'gone'}`
        : ''),
  );
}

/** Writes the result for a reference table, without the person's name. */
const referenceText = ({ reference, dryRun, rows, versions }: ReferenceErasure): string =>
  wrapText(
    `reference table ${reference}: ${counted(rows, 'row')} ${dryRun ? 'would be erased' : 'erased'}` +
      (versions > 0
        ? `; ${counted(versions, 'kept version')} that held the person ${dryRun ? 'would go' : 'gone'}`
        : ''),
  );
