// The indexes of a day: entries for the rows of its files, and one run of them once it is sealed.
import { randomUUID } from 'node:crypto';
import { indexedColumns, indexType, tableName, type EventType } from '@sluice/event-schema';
import {
  indexFileKey,
  isIndexed,
  type CompactedFile,
  type DayIndex,
  type LakeDate,
  type Manifest,
  type ObjectStore,
} from '@sluice/lake-layout';
import { checkFile } from '@sluice/parquet-reading';
import { entryColumns, IndexEntryBuilder } from './index-entries';
import type { ParquetCodec } from './parquet-codec';
import { readKeyTable } from './read-parquet';
import { layoutFor, writeRun, type WriteFileOptions } from './write-run';

export interface DayIndexOptions {
  readonly store: Pick<ObjectStore, 'get' | 'put'>;
  readonly codec: Pick<ParquetCodec, 'encode'>;
  readonly eventType: EventType;
  readonly date: LakeDate;
  readonly dayFiles: readonly CompactedFile[];
  readonly dayIndexes: readonly DayIndex[];
  readonly refuse: (file: CompactedFile, reason: string) => void;
}

/** Returns the paths by which the rows of a table are found beside its key. */
export const indexPaths = (eventType: EventType): readonly string[] =>
  indexedColumns(eventType).map(({ path }) => path);

/** Returns the indexes that have an entry for each row of all of the files. */
export function commonIndexes(files: readonly CompactedFile[]): readonly string[] {
  const [first, ...others] = files;
  return (first?.indexed ?? []).filter((path) =>
    others.every(({ indexed = [] }) => indexed.includes(path)),
  );
}

/** Returns a file's marks, which are left out where there are none. */
export const indexedBy = (paths: readonly string[]): Pick<CompactedFile, 'indexed'> =>
  paths.length > 0 ? { indexed: paths } : {};

/** Returns the files of a day that lack entries in an index of the definition. */
export function unindexedFiles(
  manifest: Pick<Manifest, 'files' | 'indexes'>,
  paths: readonly string[],
): readonly CompactedFile[] {
  return manifest.files.filter((file) => !paths.every((path) => isIndexed(file, path, manifest)));
}

/** Returns the indexes with entries of at least one file; the others only have entries of deleted files. */
export const usedIndexes = (
  files: readonly CompactedFile[],
  indexes: readonly DayIndex[],
): readonly DayIndex[] =>
  indexes.filter(({ path }) => files.some((file) => isIndexed(file, path, { indexes })));

/** Returns the options with which the writer of a table's files writes those of an index. */
export function indexFileOptions(
  { eventType, date }: Pick<DayIndexOptions, 'eventType' | 'date'>,
  path: string,
): Required<Pick<WriteFileOptions, 'eventType' | 'fileKey'>> {
  const index = indexedColumns(eventType).find((each) => each.path === path);
  if (!index) throw new Error(`event type ${eventType.name} has no index "${path}"`);
  const column = index.column.name;
  return {
    eventType: indexType(eventType, index),
    fileKey: () => indexFileKey(tableName(eventType), date, { column, unique: randomUUID() }),
  };
}

export const nextRun = (files: readonly CompactedFile[]): number =>
  Math.max(0, ...files.map(({ run }) => run)) + 1;

/**
 * Writes entries as a new run of each index.
 *
 * @param before the indexes of the day; those that the definition no longer has are left out
 */
export async function withEntries(
  builder: IndexEntryBuilder,
  before: readonly DayIndex[],
  options: Omit<DayIndexOptions, 'dayFiles' | 'dayIndexes' | 'refuse'>,
): Promise<readonly DayIndex[]> {
  const { store, codec, date } = options;
  const indexes: DayIndex[] = [];
  for (const { index, entries } of builder.all) {
    const { path } = index;
    const known = before.find((each) => each.path === path);
    const files = known?.files ?? [];
    const written =
      entries.rows === 0
        ? []
        : await writeRun(entries, {
            store,
            codec,
            date,
            ...indexFileOptions(options, path),
            run: nextRun(files),
            chooseLayout: layoutFor,
          });
    const { valueFilter } = known ?? {};
    indexes.push({ path, files: [...files, ...written], ...(valueFilter && { valueFilter }) });
  }
  return indexes;
}

/** Rows whose entries are in memory at once. */
const maxEntryRows = 1_000_000;

/** Writes entries for the rows of files. @returns the files that could be read, marked as indexed */
export async function indexFiles(
  files: readonly CompactedFile[],
  options: DayIndexOptions,
): Promise<{ readonly indexes: readonly DayIndex[]; readonly marked: readonly CompactedFile[] }> {
  const { store, eventType, dayFiles, dayIndexes, refuse } = options;
  const paths = indexPaths(eventType);
  const columns = entryColumns(eventType);
  let indexes = usedIndexes(dayFiles, dayIndexes);
  const marked: CompactedFile[] = [];
  let builder = new IndexEntryBuilder(eventType);
  const flush = async (): Promise<void> => {
    indexes = await withEntries(builder, indexes, options);
    builder = new IndexEntryBuilder(eventType);
  };
  for (const file of files) {
    const { bytes } = await store.get(file.key, { ifMatch: file.etag });
    try {
      const { footerCrc32 } = file;
      checkFile(bytes, footerCrc32 === undefined ? {} : { footerCrc32 });
      builder.add(readKeyTable(bytes, columns));
    } catch (error) {
      refuse(file, (error as Error).message);
      continue;
    }
    marked.push({ ...file, indexed: paths });
    if (builder.rows >= maxEntryRows) await flush();
  }
  await flush();
  return { indexes, marked };
}
