import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tableName, type EventType } from '@sluice/event-schema';
import { compareWithStored } from '@sluice/event-schema/compatibility';
import { sourceOf } from '@sluice/event-types';
import {
  compactedTablePrefix,
  errorsPrefix,
  rawTablePrefix,
  readTableDefinitions,
  recordTableDefinition,
  stageOfBucket,
  type ObjectStore,
} from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import type { DataDirectory } from '@sluice/lake-layout/data-directory';
import { parseTexts, privateFolder, readOwnFile } from '@sluice/local-state-files';

/** Error for a definition that is incompatible with the rows in the lake; the message is meant for a person. */
export class StoredDefinitionError extends Error {
  override readonly name = 'StoredDefinitionError';
}

/** The part of a data directory that holds the objects, and that names their bucket. */
type LakePlace = Pick<DataDirectory, 'objects' | 'endpointsFile'>;

/**
 * Returns the folder of a data directory's lake; undefined where no stack has ever used it.
 *
 * @throws {@link DamagedFileError}
 */
export function stoppedLakeFolder({ objects, endpointsFile }: LakePlace): string | undefined {
  const endpoints = readOwnFile(
    endpointsFile,
    (text) => parseTexts(text, ['bucket']),
    'delete it; every start writes it anew',
  );
  const bucket = endpoints?.bucket ?? lakeBucketIn(objects);
  return bucket === undefined ? undefined : join(objects, bucket);
}

/** Returns the lake's bucket by the folders of the local S3, for a directory whose `endpoints.json` was deleted. */
function lakeBucketIn(objects: string): string | undefined {
  if (!existsSync(objects)) return undefined;
  return readdirSync(objects).find((name) => stageOfBucket(name) !== undefined);
}

/** Opens the lake of a data directory that no running stack uses; undefined where none ever has. */
export function stoppedLake(dataDir: LakePlace): ObjectStore | undefined {
  const folder = stoppedLakeFolder(dataDir);
  if (folder === undefined) return undefined;
  return new FolderObjectStore(folder, {
    incoming: join(dataDir.objects, privateFolder, 'incoming'),
  });
}

/** Decides whether a table has a Parquet file. */
export async function holdsRows(lake: ObjectStore, table: string): Promise<boolean> {
  for (const prefix of [rawTablePrefix(table), compactedTablePrefix(table)])
    for await (const { key } of lake.list(prefix)) if (key.endsWith('.parquet')) return true;
  return false;
}

/**
 * Compares a definition with those by which the rows of its table were stored.
 *
 * @param where file or source of the definition, for the message
 * @returns sentences about what the definition no longer names
 * @throws {@link StoredDefinitionError} where it can't read stored rows
 */
export async function checkStoredDefinition(
  lake: ObjectStore,
  eventType: EventType,
  where: string | undefined,
): Promise<readonly string[]> {
  const table = tableName(eventType);
  const stored = await readTableDefinitions(lake, table);
  const compared = stored.map((one) => compareWithStored(one.eventType, eventType));
  const unreadable = [...new Set(compared.flatMap((one) => one.unreadable))];
  const unnamed = [...new Set(compared.flatMap((one) => one.unnamed))];
  if (unreadable.length + unnamed.length === 0 || !(await holdsRows(lake, table))) return [];
  const name = `the event type "${eventType.name}"${where === undefined ? '' : ` (${where})`}`;
  if (unreadable.length > 0) {
    const [major = '1'] = eventType.version.split('.');
    const version = `${Number(major) + 1}.0.0`;
    throw new StoredDefinitionError(
      `${name} does not go with the rows that ${table} holds: ${unreadable.join('; ')}. ` +
        `Take the change back, or give it the version ${version}: new rows then go to a table of their own, ` +
        `${tableName({ ...eventType, version })}, while the rows and failed events of ${table} stay in the lake and are not served`,
    );
  }
  return [
    `${name} has changed over stored rows: ${unnamed.join(', ')}; stored values of it move to "unmapped"`,
  ];
}

/**
 * Finds rows and failed events in the table of an earlier major version, which a new version of an event type left
 * behind.
 *
 * @returns sentences about them; none where nothing is left
 */
export async function leftBehind(
  lake: ObjectStore,
  eventTypes: readonly EventType[],
): Promise<readonly string[]> {
  const served = new Set(eventTypes.map(tableName));
  const sentences: string[] = [];
  for (const eventType of eventTypes) {
    const [major = '1'] = eventType.version.split('.');
    for (let earlier = 1; earlier < Number(major); earlier++) {
      const table = tableName({ ...eventType, version: `${earlier}.0.0` });
      if (served.has(table)) continue;
      const left = [
        ...((await holdsRows(lake, table)) ? ['rows'] : []),
        ...((await holdsFailures(lake, table)) ? ['failed events'] : []),
      ].join(' and ');
      if (left === '') continue;
      sentences.push(
        `the event type "${eventType.name}" ${eventType.version} has a table of its own, ${tableName(eventType)}: the ${left} of version ${earlier} stay under ${table}/ in the lake, ` +
          'and neither look-ups nor SQL nor a replay reach them. To serve them again, define version ' +
          `${earlier} under another name and ingest their file by it, or give this definition its version ${earlier}.x back`,
      );
    }
  }
  return sentences;
}

async function holdsFailures(lake: ObjectStore, table: string): Promise<boolean> {
  for await (const { bytes } of lake.list(errorsPrefix(table))) if (bytes > 0) return true;
  return false;
}

/**
 * Checks a definition that was inferred from a file.
 *
 * @throws {@link StoredDefinitionError} where it can't read stored rows
 */
export async function checkInferred(place: LakePlace, eventType: EventType): Promise<void> {
  const lake = stoppedLake(place);
  if (lake) await checkStoredDefinition(lake, eventType, 'inferred from the file');
}

/** Records in the lake by which definitions its rows are stored from now on. */
export async function recordDefinitions(
  lake: ObjectStore,
  eventTypes: readonly EventType[],
): Promise<void> {
  for (const eventType of eventTypes)
    await recordTableDefinition(lake, eventType, {
      nowMs: Date.now(),
      holdsRows: await holdsRows(lake, tableName(eventType)),
    });
}

/** Returns the place of a definition for people. @param file undefined where the code defines it */
export const definitionPlace = (file: string | undefined, eventType: EventType): string =>
  file === undefined ? sourceOf(eventType) : `event-types/${basename(file)}`;
