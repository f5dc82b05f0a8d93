// Removes entries of deleted rows from a day's indexes. Reads all index files of the day, because the names of rows
// are in no order there, and no file of rows. Rewrites only the index files that had such entries.
import { castColumn } from '@sluice/columns';
import {
  eventIdColumn,
  indexedColumns,
  ingestedAtColumn,
  keyColumn,
  type IndexedColumn,
} from '@sluice/event-schema';
import { keyOfIndexEntry, type CompactedFile, type DayIndex } from '@sluice/lake-layout';
import { Vector, type Table } from 'apache-arrow';
import { indexFileOptions } from './day-indexes';
import { keyTexts } from './key-text';
import type { LaterCopies } from './later-copies';
import { readKeyTable } from './read-parquet';
import { rowsOf } from './rows-of-file';
import type { StepContext } from './step';
import { layoutFor, writeCompactedFile } from './write-run';

export interface GoneEntries extends Pick<LaterCopies, 'isGoneValue'> {
  /** Names of deleted rows; no remaining row has one of these names. */
  readonly names: ReadonlySet<string>;
}

/** Returns the indexes of a day without some entries, and without the filters and places that were made from them. */
export async function withoutEntries(
  gone: GoneEntries,
  context: StepContext,
): Promise<readonly DayIndex[]> {
  const indexes: DayIndex[] = [];
  for (const index of indexedColumns(context.eventType)) {
    const before = context.dayIndexes.find(({ path }) => path === index.path);
    if (!before) continue;
    const files: CompactedFile[] = [];
    for (const file of before.files) files.push(...(await fileWithout(file, index, gone, context)));
    const isSame =
      files.length === before.files.length && files.every((file, at) => file === before.files[at]);
    indexes.push(isSame ? before : { path: index.path, files });
  }
  return indexes;
}

/**
 * Returns the files that replace an index file: the same one where it has none of the entries, none where it has no
 * others.
 */
async function fileWithout(
  file: CompactedFile,
  index: IndexedColumn,
  gone: GoneEntries,
  context: StepContext,
): Promise<readonly CompactedFile[]> {
  const { store, codec, date } = context;
  const options = indexFileOptions(context, index.path);
  const goneIn = goneEntries(index, gone, context, keyColumn(options.eventType).name);
  const columns = [keyColumn(options.eventType), eventIdColumn, ingestedAtColumn];
  const names = columns.map(({ name }) => name);
  const { bytes } = await store.get(file.key, { ifMatch: file.etag });
  if (goneIn(readKeyTable(bytes, names)).size === 0) return [file];
  const entries = await rowsOf(file, { store, eventType: options.eventType });
  entries.exclude(goneIn(entries.firstRows(entries.rows, names)));
  const order = entries.sortedOrder();
  if (order.length === 0) return [];
  const layout = layoutFor(entries, order);
  return [
    await writeCompactedFile(entries, order, layout, {
      ...{ store, codec, date, run: file.run },
      ...options,
    }),
  ];
}

/** Returns a function that finds the positions of the entries to remove. */
function goneEntries(
  { column }: IndexedColumn,
  { names, isGoneValue = () => false }: GoneEntries,
  { eventType }: StepContext,
  valueName: string,
): (entries: Table) => ReadonlySet<number> {
  const key = keyColumn(eventType);
  return ({ batches }) => {
    const found = new Set<number>();
    let before = 0;
    for (const batch of batches) {
      const child = (name: string) =>
        batch.data.children[batch.schema.fields.findIndex((field) => field.name === name)];
      const [values, entryNames, arrivals] = [
        child(valueName),
        child(eventIdColumn.name),
        child(ingestedAtColumn.name),
      ];
      const valueText = values && keyTexts(new Vector([values]), column.type);
      const named = entryNames && new Vector([entryNames]);
      const arrived = arrivals && new Vector([castColumn(arrivals, ingestedAtColumn)]);
      for (let row = 0; row < batch.numRows; row++) {
        const name = String(named?.get(row) ?? '');
        const arrivedMs = Number(arrived?.get(row) ?? 0);
        if (
          names.has(name) ||
          (valueText && isGoneValue(column, valueText(row), arrivedMs)) ||
          isGoneValue(key, keyOfIndexEntry(name) ?? '', arrivedMs)
        )
          found.add(before + row);
      }
      before += batch.numRows;
    }
    return found;
  };
}
