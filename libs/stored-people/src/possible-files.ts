// Finds the compacted files that may hold a person, from the manifest and by small reads, so that no other file is
// read.
import {
  eventIdColumn,
  indexedColumns,
  indexType,
  keyColumn,
  maxKeyBytes,
  type Column,
  type EventType,
  type IndexedColumn,
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
  /** The texts to search for in each column. */
  readonly wanted: readonly { readonly column: Column; readonly texts: readonly string[] }[];
}

/** Files and indexes of a day that may hold the wanted texts. */
export interface PossibleFiles {
  readonly files: readonly CompactedFile[];
  /**
   * True where an index of the day has, or may have, entries with one of the texts. They may belong to copies of
   * events that no longer count, so that no row has the text.
   */
  readonly inIndexes: boolean;
}

/**
 * Finds the files of a day that may hold a row with one of the wanted texts.
 *
 * A wanted key is compared with each file's bounds, then with those of its row groups. Values of an indexed column
 * are first looked up in the index, which gives keys. Any other column admits all files.
 */
export async function possibleFiles(
  day: DayFiles,
  { store, eventType, wanted }: PossibleFilesOptions,
): Promise<PossibleFiles> {
  const possible = new Set<CompactedFile>();
  const indexed = indexedColumns(eventType);
  // The definition no longer describes an index that was removed from it.
  let inIndexes = day.indexes.some(({ path }) => !indexed.some((index) => index.path === path));
  for (const { column, texts } of wanted) {
    const index = indexed.find((each) => each.column.name === column.name);
    const entries = index && (await entriesOf(index, texts, { store, eventType, day }));
    if (index && entries?.size !== 0) inIndexes = true;
    const found =
      column.name === keyColumn(eventType).name
        ? await filesOfKeys(store, eventType, day.files, texts)
        : filesOfEntries(entries, { eventType, day, index, texts });
    for (const file of found) possible.add(file);
  }
  return { files: day.files.filter((file) => possible.has(file)), inIndexes };
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

interface SearchedIndex {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  readonly day: DayFiles;
}

/**
 * Returns the keys of the entries that an index has for some texts; undefined where finding them would mean reading
 * all of it.
 */
async function entriesOf(
  index: IndexedColumn,
  texts: readonly string[],
  { store, eventType, day }: SearchedIndex,
): Promise<ReadonlySet<KeyText> | undefined> {
  const ofIndex = day.indexes.find(({ path }) => path === index.path)?.files ?? [];
  const type = indexType(eventType, index);
  const keys = new Set<KeyText>();
  // A longer text has no entries.
  const short = texts.filter((text) => Buffer.byteLength(text) <= maxKeyBytes);
  for (const file of filesWithKeys(ofIndex, sortedKeys(short, type), type)) {
    const rows = await rowsOfKeys(store, type, file, short);
    if (!rows) return undefined;
    for (const [entry] of rows) {
      const key = typeof entry === 'string' ? keyOfIndexEntry(entry) : undefined;
      if (key === undefined) return undefined;
      keys.add(key);
    }
  }
  return keys;
}

/** Returns the files that may have the rows of an index's entries; all files where the entries are not known. */
function filesOfEntries(
  entries: ReadonlySet<KeyText> | undefined,
  {
    eventType,
    day: { files, indexes },
    index,
    texts,
  }: Pick<SearchedIndex, 'eventType' | 'day'> & {
    readonly index: IndexedColumn | undefined;
    readonly texts: readonly string[];
  },
): readonly CompactedFile[] {
  if (!index || !entries) return files;
  // Rows may have a longer text, but no index has.
  if (texts.some((text) => Buffer.byteLength(text) > maxKeyBytes)) return files;
  const unindexed = files.filter((file) => !isIndexed(file, index.path, { indexes }));
  const named = filesWithKeys(files, sortedKeys([...entries], eventType), eventType);
  // A row without a key has no entries either; such rows come first in their file.
  const keyless = files.filter(({ minKey }) => minKey === '');
  return [...unindexed, ...named, ...keyless];
}

/** Number of row groups beyond which a file is read whole instead. */
const maxGroups = 8;

/**
 * Returns the `event_id` of the rows that have one of the keys; undefined where finding them would mean reading the
 * whole file.
 */
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
  // Files of earlier releases may hold a UUID in another case.
  if (column.schema.format === 'uuid' && !lowerCaseKeys) return undefined;
  const keys = rawKeys(footer, column, texts);
  if (!keys) return undefined;
  const plan = planKeyRead(footer, {
    ...{ keyColumn: column.name, keys, columns: [eventIdColumn.name] },
  });
  if (plan.groups.length > maxGroups) return undefined;
  const source = {
    bytes,
    read: async (range: { readonly start: number; readonly end: number }) =>
      (await store.get(key, { range, ifMatch: etag })).bytes,
  };
  const found: KeyRow[] = [];
  for await (const { rows } of readKeyGroups(source, footer, plan)) found.push(...rows);
  return found;
}
