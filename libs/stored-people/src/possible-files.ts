// Tells which compacted files may hold a person, by the manifest and small reads, so that the others are not read.
import {
  eventIdColumn,
  indexedColumns,
  indexType,
  keyColumn,
  maxKeyBytes,
  type Column,
  type EventType,
} from '@sluice/event-schema';
import {
  filesWithKeys,
  isIndexed,
  keyOfIndexEntry,
  sortedKeys,
  type CompactedFile,
  type DayIndex,
  type KeyText,
  type ObjectStore,
} from '@sluice/lake-layout';
import { planKeyRead, readKeyGroups, unpackFooter, type KeyRow } from '@sluice/parquet-reading';
import { rawKeys } from './raw-keys';

/** The compacted files of a day, with its indexes. */
export interface DayFiles {
  readonly files: readonly CompactedFile[];
  readonly indexes: readonly DayIndex[];
}

export interface PossibleFilesOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  /** The texts that are looked for in each column. */
  readonly wanted: readonly { readonly column: Column; readonly texts: readonly string[] }[];
}

/**
 * Returns the files of a day that may hold a row with one of the wanted texts.
 *
 * Where the key is wanted, a file is asked by its bounds and then by the row groups that may hold the key; where a
 * column has an index, by the keys that the index tells. A column that is neither admits all files.
 */
export async function possibleFiles(
  day: DayFiles,
  { store, eventType, wanted }: PossibleFilesOptions,
): Promise<readonly CompactedFile[]> {
  const possible = new Set<CompactedFile>();
  for (const { column, texts } of wanted) {
    const found =
      column.name === keyColumn(eventType).name
        ? await filesOfKeys(store, eventType, day.files, texts)
        : await filesOfValues(store, eventType, day, column, texts);
    for (const file of found) possible.add(file);
  }
  return day.files.filter((file) => possible.has(file));
}

async function filesOfKeys(
  store: Pick<ObjectStore, 'get'>,
  eventType: EventType,
  files: readonly CompactedFile[],
  texts: readonly string[],
): Promise<readonly CompactedFile[]> {
  const holding: CompactedFile[] = [];
  for (const file of filesWithKeys(files, sortedKeys(texts, eventType), eventType)) {
    const rows = await rowsOfKeys(store, eventType, file, texts);
    if (!rows || rows.length > 0) holding.push(file);
  }
  return holding;
}

async function filesOfValues(
  store: Pick<ObjectStore, 'get'>,
  eventType: EventType,
  { files, indexes }: DayFiles,
  column: Column,
  texts: readonly string[],
): Promise<readonly CompactedFile[]> {
  const index = indexedColumns(eventType).find((each) => each.column.name === column.name);
  if (!index) return files;
  // A longer text has no entries.
  if (texts.some((text) => Buffer.byteLength(text) > maxKeyBytes)) return files;
  const { path } = index;
  const unindexed = files.filter((file) => !isIndexed(file, path, { indexes }));
  if (unindexed.length === files.length) return files;
  const entries = indexType(eventType, index);
  const ofIndex = indexes.find((each) => each.path === path)?.files ?? [];
  const keys = new Set<KeyText>();
  for (const file of filesWithKeys(ofIndex, sortedKeys(texts, entries), entries)) {
    const rows = await rowsOfKeys(store, entries, file, texts);
    if (!rows) return files;
    for (const [entry] of rows) {
      const key = typeof entry === 'string' ? keyOfIndexEntry(entry) : undefined;
      if (key === undefined) return files;
      keys.add(key);
    }
  }
  const named = filesWithKeys(files, sortedKeys([...keys], eventType), eventType);
  // A row without a key has no entries either; such rows come first in their file.
  const keyless = files.filter(({ minKey }) => minKey === '');
  return [...unindexed, ...named, ...keyless];
}

/** Number of row groups beyond which a file is read whole instead. */
const mostGroups = 8;

/** Returns the `event_id` of the rows that have one of the keys; undefined where only the whole file tells. */
async function rowsOfKeys(
  store: Pick<ObjectStore, 'get'>,
  eventType: EventType,
  { key, etag, bytes, packedFooter, lowerCaseKeys }: CompactedFile,
  texts: readonly string[],
): Promise<readonly KeyRow[] | undefined> {
  const column = keyColumn(eventType);
  const footer =
    packedFooter === undefined
      ? undefined
      : unpackFooter(Buffer.from(packedFooter, 'base64'), { keyColumn: column.name });
  if (!footer) return undefined;
  // Files of earlier releases may hold a UUID in another case than it is looked for.
  if (column.schema.format === 'uuid' && !lowerCaseKeys) return undefined;
  const keys = rawKeys(footer, column, texts);
  if (!keys) return undefined;
  const plan = planKeyRead(footer, {
    ...{ keyColumn: column.name, keys, columns: [eventIdColumn.name] },
  });
  if (plan.groups.length > mostGroups) return undefined;
  const source = {
    bytes,
    read: async (range: { readonly start: number; readonly end: number }) =>
      (await store.get(key, { range, ifMatch: etag })).bytes,
  };
  const found: KeyRow[] = [];
  for await (const { rows } of readKeyGroups(source, footer, plan)) found.push(...rows);
  return found;
}
