import { randomBytes, randomUUID } from 'node:crypto';
import { keyColumn, rowColumns, tableName, type EventType } from '@sluice/event-schema';
import {
  asNextVersion,
  createTable,
  currentSchema,
  currentSnapshot,
  decodeManifestList,
  evolveSchema,
  metadataFileName,
  versionHintName,
  versionOfName,
  withSchema,
  type ManifestFileInfo,
  type TableColumn,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import {
  findJson,
  findObject,
  icebergMetadataPrefix,
  icebergPrefix,
  keyOfPath,
  objectPath,
  onlyOver,
  PreconditionFailedError,
  putJson,
  type ObjectStore,
} from '@sluice/lake-layout';

/** Location of a table's metadata, and the name of the bucket in its paths. */
export interface TableLocation {
  readonly store: Pick<ObjectStore, 'get' | 'put' | 'list'>;
  readonly bucket: string;
  readonly table: string;
}

/** A version of the table's metadata. */
export interface TableState {
  /** Number of the version's file. */
  readonly version: number;
  readonly metadata: TableMetadata;
  /** Manifests of the current snapshot. */
  readonly manifests: readonly ManifestFileInfo[];
  /** Time when it was known to be the newest, in milliseconds since 1970. */
  readonly readAtMs: number;
  /** True where the pointers name it. */
  readonly pointed: boolean;
  /** ETag of the hint when it was last read or written; undefined where there was none. */
  readonly hintEtag: string | undefined;
}

/** Headers of manifests and manifest lists. */
export const avro = { contentType: 'application/avro' } as const;

/** Returns the part of a file's name that distinguishes two publishers of one snapshot. */
export const uniquePart = (): string => randomBytes(4).toString('hex');

export const metadataKey = (table: string, version: number): string =>
  icebergMetadataPrefix(table) + metadataFileName(version);

/**
 * Reads the newest version of a table: the one that the hint names, or a later one whose writer stopped before it
 * wrote the hint.
 *
 * @param after version after which to search first, because it is known to exist
 */
export async function readTableState(
  location: TableLocation,
  { nowMs, after }: { readonly nowMs: number; readonly after?: number },
): Promise<TableState | undefined> {
  const hint = await readHint(location);
  const hinted = hint && hint.version > 0 ? hint.version : await newestVersion(location);
  const first = Math.max(hinted, after ?? 0);
  let version = first;
  let metadata = first > 0 ? await readMetadata(location, first) : undefined;
  // A writer that died between its version and the hint leaves a version that no hint names. That version counts.
  for (;;) {
    const next = await readMetadata(location, version + 1);
    if (!next) break;
    metadata = next;
    version++;
  }
  if (!metadata) return undefined;
  const snapshot = currentSnapshot(metadata);
  const manifests = snapshot
    ? await decodeManifestList(
        (await location.store.get(keyOfPath(snapshot['manifest-list']))).bytes,
      )
    : [];
  return {
    version,
    metadata,
    manifests,
    readAtMs: nowMs,
    pointed: version === hint?.version,
    hintEtag: hint?.etag,
  };
}

/** Returns the newest version of a table without a hint; 0 where there is none. */
async function newestVersion({ store, table }: TableLocation): Promise<number> {
  const folder = icebergMetadataPrefix(table);
  let newest = 0;
  for await (const { key } of store.list(folder))
    newest = Math.max(newest, versionOfName(key.slice(folder.length)) ?? 0);
  return newest;
}

interface Hint {
  readonly version: number;
  readonly etag: string;
}

/** Reads the hint; one that can't be read counts as version 0. */
async function readHint({ store, table }: TableLocation): Promise<Hint | undefined> {
  const found = await findObject(store, icebergMetadataPrefix(table) + versionHintName);
  if (!found) return undefined;
  const version = Number(new TextDecoder().decode(found.bytes).trim());
  return { version: Number.isSafeInteger(version) ? version : 0, etag: found.etag };
}

async function readMetadata(
  { store, table }: TableLocation,
  version: number,
): Promise<TableMetadata | undefined> {
  return (await findJson<TableMetadata>(store, metadataKey(table, version)))?.value;
}

/**
 * Writes a version after the one from which it was made. It is valid from this one PUT on, whoever else writes.
 *
 * @throws PreconditionFailedError where another writer was first
 */
export async function commitVersion(
  { store, bucket, table }: TableLocation,
  over: TableState | undefined,
  metadata: TableMetadata,
  { manifests, nowMs }: { readonly manifests: readonly ManifestFileInfo[]; readonly nowMs: number },
): Promise<TableState> {
  const version = (over?.version ?? 0) + 1;
  const next = asNextVersion(metadata, {
    nowMs,
    previous: over && {
      path: objectPath(bucket, metadataKey(table, over.version)),
      updatedMs: over.metadata['last-updated-ms'],
    },
  });
  await putJson(store, metadataKey(table, version), next, { ifNoneMatch: '*' });
  return {
    version,
    metadata: next,
    manifests,
    readAtMs: nowMs,
    pointed: false,
    hintEtag: over?.hintEtag,
  };
}

/**
 * Points the file-system catalogue to a version, unless it names that or a newer one already.
 *
 * @returns the ETag of the hint
 */
export async function writeHint(
  location: TableLocation,
  { version, hintEtag }: Pick<TableState, 'version' | 'hintEtag'>,
): Promise<string> {
  const key = icebergMetadataPrefix(location.table) + versionHintName;
  for (let known = hintEtag === undefined ? undefined : { etag: hintEtag }; ;)
    try {
      const { etag } = await location.store.put(key, new TextEncoder().encode(String(version)), {
        contentType: 'text/plain',
        ...onlyOver(known),
      });
      return etag;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      const hint = await readHint(location);
      if (hint && hint.version >= version) return hint.etag;
      known = hint;
    }
}

/** Returns the columns of an event type's table as engines see them, including the day. */
const icebergColumns = (eventType: EventType): readonly TableColumn[] =>
  rowColumns(eventType).map(({ name, type, schema: { description } }) => ({
    name,
    type,
    ...(description !== undefined && { description }),
  }));

/**
 * Returns the metadata of the table with the columns of an event type; new metadata where there is no table yet.
 *
 * @returns the object `before` itself where it has these columns already
 * @throws SchemaEvolutionError where Iceberg does not allow the change of columns
 */
export function metadataFor(
  eventType: EventType,
  before: TableMetadata | undefined,
  { bucket, nowMs }: { readonly bucket: string; readonly nowMs: number },
): TableMetadata {
  const table = tableName(eventType);
  const columns = icebergColumns(eventType);
  if (!before) {
    const { schema, lastColumnId } = evolveSchema(table, columns);
    const key = keyColumn(eventType).name;
    return createTable({
      uuid: randomUUID(),
      location: objectPath(bucket, icebergPrefix(table)),
      schema,
      lastColumnId,
      // The order of a key's rows depends on whether the event has a time, which Iceberg's sort orders can't express.
      sortedBy: [key],
      nowMs,
    });
  }
  const known = currentSchema(before);
  const { schema, lastColumnId } = evolveSchema(table, columns, {
    schema: known,
    lastColumnId: before['last-column-id'],
    lastSchemaId: Math.max(...before.schemas.map((each) => each['schema-id'])),
  });
  return schema === known ? before : withSchema(before, { schema, lastColumnId });
}
