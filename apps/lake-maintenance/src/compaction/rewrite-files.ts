import { eventIdColumn, ingestedAtColumn, keyColumn } from '@sluice/event-schema';
import { filesWithKeys, sortedKeys, type CompactedFile, type KeyText } from '@sluice/lake-layout';
import { indexFiles, indexPaths } from './day-indexes';
import { earlierCopies } from './earlier-copies';
import { eventIdentity, type EventIdentity } from './event-days';
import { entryNames } from './index-entries';
import type { LaterCopies } from './later-copies';
import { readKeyTable } from './read-parquet';
import { RowSet } from './row-set';
import { rowsOf } from './rows-of-file';
import { nothingChanged, type StepContext, type StepResult } from './step';
import { storedIdentities } from './stored-identities';
import { withoutEntries } from './without-entries';
import { writeCompactedFile } from './write-run';

/**
 * Rewrites the files that hold copies of an earlier day's rows, because the first of two copies may have been
 * delivered last.
 */
export async function dropCopies(context: StepContext): Promise<StepResult> {
  const { store, eventType, dayFiles } = context;
  const files: CompactedFile[] = [];
  const ids = new Set<EventIdentity>();
  for (const file of dayFiles) {
    const { bytes } = await store.get(file.key, { ifMatch: file.etag });
    const keys = new RowSet(eventType);
    keys.append(
      readKeyTable(
        bytes,
        [keyColumn(eventType), eventIdColumn, ingestedAtColumn].map(({ name }) => name),
      ),
    );
    const copies = await earlierCopies(keys, context);
    if (copies.size === 0) continue;
    files.push(file);
    for (const { row, key, eventId } of keys.arrivedRows())
      if (copies.has(row)) ids.add(eventIdentity(key, eventId));
  }
  if (files.length === 0) return nothingChanged;
  return dropLaterCopies({ files, ids, goneIn: (rows) => earlierCopies(rows, context) }, context);
}

/**
 * Rewrites files without some rows: copies of those that an earlier day is about to absorb, or those of people who
 * are erased. Also removes their index entries, and all entries with a value that no entry may have.
 */
export async function dropLaterCopies(
  { files, ids, goneIn, isGoneValue }: LaterCopies,
  context: StepContext,
): Promise<StepResult> {
  const { eventType, dayFiles, dayIndexes } = context;
  const written: CompactedFile[] = [];
  const names = new Set<string>();
  const keys = new Set<KeyText>();
  let areDistinct = true;
  for (const file of files) {
    const rows = await rowsOf(file, context);
    const copies = [...rows.arrivedRows()].filter(({ key, eventId }) =>
      ids.has(eventIdentity(key, eventId)),
    );
    const gone = new Set(goneIn ? await goneIn(rows) : copies.map(({ row }) => row));
    for (const { row, key } of copies) if (gone.has(row)) keys.add(key);
    // Names of entries are shared by copies of an event, and may be by rows without an event_id.
    areDistinct &&= copies.length === gone.size && copies.every(({ row }) => gone.has(row));
    const goneRows = rows.take(Uint32Array.from(gone));
    for (const name of entryNames(goneRows, eventType)) if (name !== undefined) names.add(name);
    rows.exclude(gone);
    written.push(...(await rewriteFile(file, rows, context)));
  }
  const others = dayFiles.filter((file) => !files.includes(file));
  const result = { ...nothingChanged, files: written, replaced: files };
  if (indexPaths(eventType).length === 0) return { ...result, indexes: [] };
  if (!areDistinct || (await haveRows(others, { ids, keys }, context)))
    return { ...result, ...(await indexAnew([...others, ...written], context)) };
  const indexes = await withoutEntries({ names, ...(isGoneValue && { isGoneValue }) }, context);
  const areSame =
    indexes.length === dayIndexes.length && indexes.every((index) => dayIndexes.includes(index));
  return areSame ? result : { ...result, indexes };
}

/** Decides whether files have one of some rows. For a sealed day, a file hardly ever has to be read. */
async function haveRows(
  files: readonly CompactedFile[],
  { ids, keys }: Pick<LaterCopies, 'ids'> & { readonly keys: ReadonlySet<KeyText> },
  { store, eventType }: StepContext,
): Promise<boolean> {
  for (const file of filesWithKeys(files, sortedKeys([...keys], eventType), eventType)) {
    const { bytes } = await store.get(file.key, { ifMatch: file.etag });
    for (const { id } of storedIdentities(bytes, eventType)) if (ids.has(id)) return true;
  }
  return false;
}

/** Rebuilds the indexes of a day from its files alone, so that they have no entry of a deleted row. */
async function indexAnew(
  files: readonly CompactedFile[],
  context: StepContext,
): Promise<Pick<StepResult, 'indexes'> & Partial<Pick<StepResult, 'files' | 'trimmed'>>> {
  if (indexPaths(context.eventType).length === 0) return { indexes: [] };
  const { indexes, marked } = await indexFiles(files, { ...context, dayFiles: [], dayIndexes: [] });
  const byKey = new Map(marked.map((file) => [file.key, file]));
  const unmarked = files.map((file) => byKey.get(file.key) ?? { ...file, indexed: [] });
  const isOfDay = ({ key }: CompactedFile): boolean =>
    context.dayFiles.some((file) => file.key === key);
  return {
    indexes,
    files: unmarked.filter((file) => !isOfDay(file)),
    trimmed: unmarked.filter(isOfDay),
  };
}

/** Rewrites files with the same rows, as many as time allows. */
export async function rewrite(
  files: readonly CompactedFile[],
  context: StepContext,
): Promise<StepResult> {
  const { refuse, mustStop } = context;
  const written: CompactedFile[] = [];
  const replaced: CompactedFile[] = [];
  for (const file of files) {
    if (replaced.length > 0 && mustStop()) break;
    let rows: RowSet;
    try {
      rows = await rowsOf(file, context);
    } catch (error) {
      // The day stays as readable as before, but the file must be reported.
      refuse(file, (error as Error).message);
      continue;
    }
    written.push(...(await rewriteFile(file, rows, context)));
    replaced.push(file);
  }
  return {
    files: written,
    replaced,
    trimmed: [],
    absorbed: [],
    complete: replaced.length === files.length,
  };
}

/** Replaces a file by one with its remaining rows. */
async function rewriteFile(
  { run, indexed = [] }: CompactedFile,
  rows: RowSet,
  context: StepContext,
): Promise<readonly CompactedFile[]> {
  const order = rows.sortedOrder();
  if (order.length === 0) return [];
  const layout = context.chooseLayout(rows, order);
  return [await writeCompactedFile(rows, order, layout, { ...context, run, indexed })];
}
