// Locates the rows of each value of a sealed day, so that a look-up need not wait for the entries of an index.
import { CastError, castColumn } from '@sluice/columns';
import {
  indexedColumns,
  tableName,
  type EventType,
  type IndexedColumn,
} from '@sluice/event-schema';
import {
  filesToken,
  keyFilterText,
  placesKey,
  RowPlacesBuilder,
  type CompactedFile,
  type LakeDate,
  type ObjectStore,
  type PlacesFile,
} from '@sluice/lake-layout';
import { checkFile } from '@sluice/parquet-reading';
import { Vector, type Data } from 'apache-arrow';
import { keyTexts } from './key-text';
import { readKeyTable, rowsOfGroups } from './read-parquet';

export interface WritePlacesOptions {
  readonly store: Pick<ObjectStore, 'get' | 'put'>;
  readonly eventType: EventType;
  readonly date: LakeDate;
  /** All files of the day. */
  readonly dayFiles: readonly CompactedFile[];
  /** Called for a file that can't be read, with the reason; nothing is written then. */
  readonly refuse: (file: CompactedFile, reason: string) => void;
}

/**
 * Writes the row groups of each value, for some indexes of a day. It reads one whole file after the other; the memory
 * is some 12 bytes for each row and index.
 *
 * @returns what was written, by path
 */
export async function writePlaces(
  paths: readonly string[],
  { store, eventType, date, dayFiles, refuse }: WritePlacesOptions,
): Promise<ReadonlyMap<string, PlacesFile>> {
  const written = new Map<string, PlacesFile>();
  const indexes = indexedColumns(eventType)
    .filter(({ path }) => paths.includes(path))
    .map((index) => ({ index, builder: new RowPlacesBuilder() }));
  if (indexes.length === 0) return written;
  const files = [...dayFiles].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const [file, stored] of files.entries()) {
    const { bytes } = await store.get(stored.key, { ifMatch: stored.etag });
    try {
      const { footerCrc32 } = stored;
      checkFile(bytes, footerCrc32 === undefined ? {} : { footerCrc32 });
      const groupRows = rowsOfGroups(bytes);
      const columns = [...new Set(indexes.map(({ index }) => index.column.name))];
      const reader = { groupRows, group: 0, left: groupRows[0] ?? 0 };
      for (const batch of readKeyTable(bytes, columns).batches) {
        const groups = groupsOfRows(batch.numRows, reader);
        for (const { index, builder } of indexes) {
          const at = batch.schema.fields.findIndex(({ name }) => name === index.column.name);
          addPlaces(batch.data.children[at], index, { builder, file, groups });
        }
      }
    } catch (error) {
      refuse(stored, (error as Error).message);
      return written;
    }
  }
  const of = filesToken(dayFiles);
  for (const { index, builder } of indexes) {
    const { bytes, sizeBits } = builder.build(of);
    const key = placesKey(tableName(eventType), date, { column: index.column.name, sizeBits });
    await store.put(key, bytes, { contentType: 'application/octet-stream' });
    written.set(index.path, { key, bytes: bytes.length, of });
  }
  return written;
}

/** Position up to which the rows of a file were read. */
interface GroupReader {
  readonly groupRows: readonly number[];
  group: number;
  /** Number of rows of the group that were not read yet. */
  left: number;
}

/** Returns the row group of each of the next rows. */
function groupsOfRows(rows: number, reader: GroupReader): Uint32Array {
  const groups = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    while (reader.left === 0 && reader.group < reader.groupRows.length)
      reader.left = reader.groupRows[++reader.group] ?? 0;
    groups[row] = reader.group;
    reader.left--;
  }
  return groups;
}

function addPlaces(
  stored: Data | undefined,
  { column }: IndexedColumn,
  {
    builder,
    file,
    groups,
  }: {
    readonly builder: RowPlacesBuilder;
    readonly file: number;
    readonly groups: Uint32Array;
  },
): void {
  const data = stored && readable(stored, column);
  if (!data) return;
  const textOf = keyTexts(new Vector([data]), column.type);
  for (const [row, group] of groups.entries())
    if (data.getValid(row)) builder.add(keyFilterText(textOf(row), column), { file, group });
}

/** Returns a column in the schema's type; undefined where it can't be read, so that no row is found by its values. */
function readable(data: Data, column: IndexedColumn['column']): Data | undefined {
  try {
    return castColumn(data, column);
  } catch (error) {
    if (error instanceof CastError) return undefined;
    throw error;
  }
}
