import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkCatalog,
  DefinitionError,
  shippedEventTypes,
  shippedJoins,
  shippedReferences,
  type ReferenceTable,
} from '@sluice/event-schema';
import { readEventTypes, readReferences, writeReference } from '@sluice/event-schema/node';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';
import { openBucket, openDataDirLake, UsageError, type OpenedLake } from './open-lake';
import { putReference, type PutProgress, type PutReferenceResult } from './put-reference';
import { parsePutReferenceCommand, type PutReferenceCommand } from './put-reference-options';
import { renderReferenceReport } from './reference-report';

function openLake({
  dryRun,
  dataDir,
  bucket,
}: PutReferenceCommand): OpenedLake | Promise<OpenedLake> {
  if (dataDir !== undefined && bucket !== undefined)
    throw new UsageError('name one lake: --data-dir or --bucket');
  if (dryRun) return { store: new MemoryObjectStore(), close: () => undefined };
  if (dataDir !== undefined) return openDataDirLake(dataDir);
  const wanted = bucket ?? process.env['LAKE_BUCKET'];
  if (wanted) return openBucket(wanted);
  throw new UsageError(
    'name the bucket of the lake with --bucket, or the data directory of a local stack with --data-dir',
  );
}

const definitionsFolder = ({ definitions, dataDir }: PutReferenceCommand): string | undefined =>
  definitions ??
  process.env['SLUICE_EVENTS_DIR'] ??
  (dataDir === undefined ? undefined : join(dataDir, 'event-types'));

/** @throws DefinitionError where the name is that of another table or view */
function findDefinition(name: string, folder: string | undefined): ReferenceTable | undefined {
  const references = [...shippedReferences, ...(folder ? readReferences(folder) : [])];
  const definition = references.find((reference) => reference.name === name);
  checkCatalog({
    eventTypes: [...shippedEventTypes, ...(folder ? readEventTypes(folder) : [])],
    references: definition ? references : [...references, { name, schema: {} }],
    joins: shippedJoins,
    queries: [],
  });
  return definition;
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

async function run(args: readonly string[]): Promise<void> {
  const command = parsePutReferenceCommand(args);
  const { name, file, key, delimiter, dryRun, writeDefinition } = command;
  const folder = definitionsFolder(command);
  const definition = findDefinition(name, folder);
  if (writeDefinition && definition)
    throw new UsageError(`the reference table "${name}" has a definition already`);
  if (writeDefinition && folder === undefined)
    throw new UsageError('name the folder for the definition with --definitions');
  const progress = progressBar(file);
  const lake = await openLake(command);
  let result: PutReferenceResult;
  try {
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
    lake.close();
  }
  print(result, name);
  if (writeDefinition && folder !== undefined && result.outcome === 'put')
    console.log(`definition: ${writeReference(folder, result.definition)}`);
}

function print(result: PutReferenceResult, name: string): void {
  if (result.outcome === 'refused') {
    process.exitCode = 1;
    console.error(`Nothing was written to the reference table ${JSON.stringify(name)}:`);
    for (const problem of result.problems) console.error(`  ${problem}`);
    if (result.moreProblems > 0) console.error(`  and ${result.moreProblems} more problems`);
    return;
  }
  console.log(renderReferenceReport(result.report));
  console.log(
    {
      put: `put as version ${result.version ?? ''}`,
      unchanged: `the table holds these rows already (version ${result.version ?? ''})`,
      checked: 'nothing was written (--dry-run)',
    }[result.outcome],
  );
}

run(process.argv.slice(2)).catch((error: unknown) => {
  // Commander has written its own sentence already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else {
    const isForPeople = error instanceof UsageError || error instanceof DefinitionError;
    console.error(isForPeople ? error.message : error);
    process.exitCode = 1;
  }
});
