import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { DefinitionError, type ReferenceTable } from '@sluice/event-schema';
import {
  EventsFolderError,
  namedEventsFolder,
  readFolderCatalog,
  withDefinition,
} from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import { referenceFileSuffix, writeReference } from '@sluice/event-schema/node';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';
import { openBucket, openDataDirLake, UsageError, type OpenedLake } from '../open-lake';
import type { PutProgress, PutReferenceResult } from './put-reference';
import { parsePutReferenceCommand, type PutReferenceCommand } from './put-reference-options';
import { renderReferenceReport } from './reference-report';

type Environment = Readonly<Record<string, string | undefined>>;

async function openLake(
  { dryRun, dataDir, bucket }: PutReferenceCommand,
  env: Environment,
): Promise<OpenedLake> {
  if (dataDir !== undefined && bucket !== undefined)
    throw new UsageError('name one lake: --data-dir or --bucket');
  if (dryRun) return { store: new MemoryObjectStore(), close: () => Promise.resolve() };
  if (dataDir !== undefined) return openDataDirLake(dataDir);
  const wanted = bucket ?? env['LAKE_BUCKET'];
  if (wanted) return openBucket(wanted);
  throw new UsageError(
    'name the bucket of the lake with --bucket, or the data directory of a local stack with --data-dir',
  );
}

const definitionsFolder = (
  { definitions, dataDir }: PutReferenceCommand,
  env: Environment,
): string | undefined =>
  definitions ??
  eventsFolder(env) ??
  (dataDir === undefined ? undefined : dataDirectory(dataDir).definitions);

/** @throws UsageError where the environment names a folder that is not there */
function eventsFolder(env: Environment): string | undefined {
  try {
    return namedEventsFolder(env);
  } catch (error) {
    if (error instanceof EventsFolderError) throw new UsageError(error.message);
    throw error;
  }
}

/** @throws DefinitionError where the name is that of another table or view; UsageError where its definition can't be used */
function findDefinition(name: string, folder: string | undefined): ReferenceTable | undefined {
  const { catalog, faults } = readFolderCatalog(folder, shippedDefinitions);
  const definition = catalog.references.find((reference) => reference.name === name);
  if (definition) return definition;
  const fault = faults.find(({ file }) => basename(file) === name + referenceFileSuffix);
  if (fault) throw new UsageError(`${fault.file}: ${fault.reason}`);
  withDefinition(catalog, {
    reference: { name, schema: { type: 'object', properties: { id: { type: 'string' } } } },
  });
  return undefined;
}

/** A bar for each stage, on a terminal. */
function progressBar(file: string): {
  readonly update: (progress: PutProgress) => void;
  readonly stop: () => void;
} {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const labels = { types: 'finding the types', rows: 'reading the rows' } as const;
  let bar: SingleBar | undefined;
  let current: PutProgress['stage'] | undefined;
  return {
    update: ({ stage, bytesRead }) => {
      if (stage !== current) {
        bar?.stop();
        current = stage;
        bar = new SingleBar({ format: `${labels[stage]} {bar} {percentage} %, {eta_formatted}` });
        bar.start(statSync(file).size, 0);
      }
      bar?.update(bytesRead);
    },
    stop: () => bar?.stop(),
  };
}

/** @returns the exit status */
async function put(command: PutReferenceCommand, env: Environment): Promise<number> {
  const { name, file, key, delimiter, dryRun, writeDefinition } = command;
  const folder = definitionsFolder(command, env);
  const definition = findDefinition(name, folder);
  if (writeDefinition && definition)
    throw new UsageError(`the reference table "${name}" has a definition already`);
  if (writeDefinition && folder === undefined)
    throw new UsageError('name the folder for the definition with --definitions');
  const lake = await openLake(command, env);
  const progress = progressBar(file);
  let result: PutReferenceResult;
  try {
    // What reads and writes files takes most of the time to load, and is not needed to refuse a command line.
    const { putReference } = await import('./put-reference');
    result = await putReference({
      store: lake.store,
      file,
      name,
      key,
      definition,
      delimiter,
      dryRun,
      onProgress: progress.update,
    });
  } finally {
    progress.stop();
    await lake.close();
  }
  print(result, name);
  if (writeDefinition && folder !== undefined && result.outcome === 'put')
    console.log(`definition: ${writeReference(folder, result.definition)}`);
  return result.outcome === 'refused' ? 1 : 0;
}

function print(result: PutReferenceResult, name: string): void {
  if (result.outcome === 'refused') {
    console.error(`Nothing was written to the reference table ${JSON.stringify(name)}:`);
    for (const problem of result.problems) console.error(`  ${problem}`);
    if (result.moreProblems > 0) console.error(`  and ${result.moreProblems} more problems`);
    return;
  }
  console.log(renderReferenceReport(result.report));
  console.log(
    {
      put: `put as version ${result.version ?? ''}`,
      unchanged: `the table has these rows already, as version\n${result.version ?? ''}`,
      checked: 'nothing was written (--dry-run)',
    }[result.outcome],
  );
}

/**
 * Puts what the command line names, and tells a person on standard output and error how that went.
 *
 * @param env for what the command line leaves open
 * @returns the exit status
 */
export async function runPutReference(args: readonly string[], env: Environment): Promise<number> {
  try {
    const command = parsePutReferenceCommand(args);
    return await put(command, env);
  } catch (error) {
    // Commander has written its own sentence already.
    if (error instanceof CommanderError) return error.exitCode;
    const isForPeople = error instanceof UsageError || error instanceof DefinitionError;
    console.error(isForPeople ? error.message : error);
    return 1;
  }
}
