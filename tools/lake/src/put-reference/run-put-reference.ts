import { counted } from '@sluice/values/figures';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { DefinitionError, type EventType, type ReferenceTable } from '@sluice/event-schema';
import { readFolderCatalog, withDefinition } from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import { referenceFileSuffix, writeReference } from '@sluice/event-schema/node';
import { MemoryObjectStore, stageOfBucket } from '@sluice/lake-layout';
import { readHashKeys, secretNames } from '@sluice/privacy';
import { wrapText } from '@sluice/terminal';
import { startProgress, type Progress } from '@sluice/terminal/progress';
import { runCommand, UsageError, type Terminal } from '@sluice/terminal/command-line';
import {
  addedDefinitions,
  lakeErrors,
  namedLake,
  openNamedLake,
  type NamedLake,
} from '../lake-options';
import type { OpenedLake } from '../open-lake';
import { secretsOf } from '../people/people-keys';
import { shownDataDir } from '../shown-commands';
import type { PutProgress, PutReferenceResult } from './put-reference';
import { parsePutReferenceCommand, type PutReferenceCommand } from './put-reference-options';
import { renderReferenceReport } from './reference-report';
import { suppressedIn } from './suppressed-people';

interface FoundTables {
  /** Event types of the lake. */
  readonly eventTypes: readonly EventType[];
  /** The reference table; undefined where its columns are to be inferred. */
  readonly found: FoundDefinition | undefined;
}

interface FoundDefinition {
  readonly definition: ReferenceTable;
  /** Place at which it is written, for a person. */
  readonly place: string;
}

/**
 * Finds the definition of a reference table.
 *
 * @throws DefinitionError where the name is that of another table or view; UsageError where its definition can't be
 * used
 */
function findTables(name: string, folder: string | undefined): FoundTables {
  const { catalog, faults, fileOf } = readFolderCatalog(folder, shippedDefinitions);
  const { eventTypes } = catalog;
  const definition = catalog.references.find((reference) => reference.name === name);
  if (definition) {
    const file = fileOf.get(definition);
    const place = file === undefined ? 'the code' : shownDataDir(file);
    return { eventTypes, found: { definition, place } };
  }
  const fault = faults.find(({ file }) => basename(file) === name + referenceFileSuffix);
  if (fault) throw new UsageError(`${fault.file}: ${fault.reason}`);
  withDefinition(catalog, {
    reference: { name, schema: { type: 'object', properties: { id: { type: 'string' } } } },
  });
  return { eventTypes, found: undefined };
}

/** Shows the progress of reading the file in each stage; `rows` may be the only one. */
function stageProgress(file: string): {
  readonly update: (progress: PutProgress) => void;
  readonly stop: () => void;
} {
  const labels = { types: 'Finding the types', rows: 'Reading the rows' } as const;
  const total = statSync(file).size;
  let shown: Progress | undefined;
  let current: PutProgress['stage'] | undefined;
  return {
    update: ({ stage, bytesRead }) => {
      if (stage !== current) {
        shown?.stop();
        current = stage;
        const label = `${labels[stage]} of ${basename(file)}`;
        shown = startProgress({ label, total, counted: 'MB', stream: process.stderr });
      }
      shown?.update(bytesRead, Math.round(bytesRead / 1e6));
    },
    stop: () => shown?.stop(),
  };
}

/** Replaces the lake in a dry run, which writes nothing whatever lake is named. */
const dryLake: OpenedLake = {
  store: new MemoryObjectStore(),
  bucket: '',
  close: () => Promise.resolve(),
};

async function put(command: PutReferenceCommand, terminal: Terminal): Promise<number> {
  const { name, file, key, delimiter, dryRun, writeDefinition } = command;
  const named = namedLake(command, terminal.env);
  const folder = command.definitions ?? addedDefinitions(named, terminal.env);
  const { eventTypes, found } = findTables(name, folder);
  if (writeDefinition && found)
    throw new UsageError(
      `the reference table "${name}" has a definition already, in ${found.place}: leave out --write-definition, or delete that one for another`,
    );
  if (writeDefinition && folder === undefined)
    throw new UsageError('name the folder for the definition with --definitions');
  const lake = dryRun ? dryLake : await openNamedLake(named);
  const progress = stageProgress(file);
  let result: PutReferenceResult;
  try {
    // The readers and writers of files take most of the time to load, and are not needed to refuse a command line.
    const { putReference } = await import('./put-reference');
    const isSuppressed =
      found &&
      (await suppressedIn(found.definition, {
        store: lake.store,
        eventTypes,
        readLedgerKeys: async () =>
          readHashKeys(await secretsOf(named)(secretNames(stageOf(named, terminal.env)).ledger)),
      }));
    result = await putReference({
      store: lake.store,
      file,
      name,
      key,
      definition: found?.definition,
      delimiter,
      isSuppressed,
      dryRun,
      onProgress: progress.update,
    });
  } finally {
    progress.stop();
    await lake.close();
  }
  print(result, { name, place: found?.place }, terminal);
  if (writeDefinition && folder !== undefined && result.outcome === 'put')
    terminal.stdout.write(`definition: ${writeReference(folder, result.definition)}\n`);
  return result.outcome === 'refused' ? 1 : 0;
}

/** Returns the stage whose secrets are meant: the bucket's own, where its name tells. */
const stageOf = ({ bucket }: NamedLake, env: Terminal['env']): string =>
  env['SLUICE_STAGE'] ?? (bucket === undefined ? undefined : stageOfBucket(bucket)) ?? 'dev';

function print(
  result: PutReferenceResult,
  { name, place }: { readonly name: string; readonly place: string | undefined },
  { stdout, stderr }: Terminal,
): void {
  if (result.outcome === 'refused') {
    const { problems, moreProblems } = result;
    const lines = [
      `Nothing was written to the reference table ${JSON.stringify(name)}:`,
      // Unchanged, because it may quote a value.
      ...problems.map((problem) => `  ${problem}`),
      ...(moreProblems > 0 ? [`  and ${counted(moreProblems, 'more problem')}`] : []),
      ...(place === undefined
        ? []
        : [wrapText(`What its columns may hold is in ${place}: change that, or the file.`)]),
    ];
    stderr.write(`${lines.join('\n')}\n`);
    return;
  }
  const outcome = {
    put: `put as version ${result.version ?? ''}`,
    unchanged: `the table has these rows already, as version\n${result.version ?? ''}`,
    checked: 'nothing was written (--dry-run)',
  }[result.outcome];
  stdout.write(`${renderReferenceReport(result.report)}\n${outcome}\n`);
}

/** Puts the file that the command line names, and reports the result to the user. @returns the exit code */
export const runPutReference = (terminal: Terminal): Promise<number> =>
  runCommand(terminal, [...lakeErrors, DefinitionError], () =>
    put(parsePutReferenceCommand(terminal), terminal),
  );
