import { createHash } from 'node:crypto';
import { eventColumns, tableName, type EventType } from '@sluice/event-schema';
import { manifestPrefix } from './keys';
import { ManifestError } from './manifest-json';
import type { ObjectStore } from './object-store';
import { findObject, onlyOver, putJson, repeatOnConflict } from './stored-json';

/** A definition by which rows of a table were stored. */
export interface StoredDefinition {
  /**
   * Fingerprint of the definition's key and columns. Definitions with the same fingerprint read and write files in
   * the same way.
   */
  readonly fingerprint: string;
  readonly sinceMs: number;
  readonly eventType: EventType;
}

/**
 * Returns the key of the definitions by which the rows of a table were stored, the oldest first. It is beside the
 * manifests.
 */
export const tableDefinitionsKey = (table: string): string =>
  `${manifestPrefix(table)}definitions.json`;

export function definitionFingerprint(eventType: EventType): string {
  const columns = eventColumns(eventType).map(({ name, type }) => [name, type]);
  return createHash('sha256')
    .update(JSON.stringify([eventType.key, eventType.identity ?? null, columns]))
    .digest('hex');
}

interface StoredList {
  readonly definitions: readonly StoredDefinition[];
  readonly etag: string;
}

/**
 * Reads the definitions by which a table's rows were stored, the oldest first; none where none was recorded.
 *
 * @throws ManifestError
 */
export const readTableDefinitions = async (
  store: Pick<ObjectStore, 'get'>,
  table: string,
): Promise<readonly StoredDefinition[]> => (await readList(store, table))?.definitions ?? [];

/**
 * Records that rows of a table are stored by a definition from now on, unless it is the last one recorded.
 *
 * @param holdsRows false where the table has no file yet, so that earlier records no longer count
 * @returns the definitions by which rows may have been stored, this one last
 */
export async function recordTableDefinition(
  store: Pick<ObjectStore, 'get' | 'put'>,
  eventType: EventType,
  { nowMs, holdsRows = true }: { readonly nowMs: number; readonly holdsRows?: boolean },
): Promise<readonly StoredDefinition[]> {
  const table = tableName(eventType);
  const fingerprint = definitionFingerprint(eventType);
  // Another writer that is faster most likely records the same definition.
  return repeatOnConflict(maxAttempts, async () => {
    const list = await readList(store, table);
    const known = holdsRows ? (list?.definitions ?? []) : [];
    if (known.at(-1)?.fingerprint === fingerprint) return known;
    const definitions: readonly StoredDefinition[] = [
      ...known.filter((other) => other.fingerprint !== fingerprint),
      { fingerprint, sinceMs: nowMs, eventType },
    ];
    const stored = { formatVersion: 1, definitions };
    await putJson(store, tableDefinitionsKey(table), stored, onlyOver(list));
    return definitions;
  });
}

const maxAttempts = 5;

async function readList(
  store: Pick<ObjectStore, 'get'>,
  table: string,
): Promise<StoredList | undefined> {
  const key = tableDefinitionsKey(table);
  const object = await findObject(store, key);
  if (!object) return undefined;
  let value: { readonly formatVersion?: unknown; readonly definitions?: unknown };
  try {
    value = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(object.bytes),
    ) as typeof value;
  } catch (error) {
    throw new ManifestError(key, '', `is not JSON (${(error as Error).message})`, { cause: error });
  }
  if (value.formatVersion !== 1 || !Array.isArray(value.definitions))
    throw new ManifestError(key, '/formatVersion', 'was written by another release');
  return { definitions: value.definitions as readonly StoredDefinition[], etag: object.etag };
}
