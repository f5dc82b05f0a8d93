import { eventIdColumn, ingestedAtColumn, keyColumn } from '@sluice/event-schema';
import { filesWithKeys, sortedKeys, type CompactedFile, type KeyText } from '@sluice/lake-layout';
import { indexFiles, indexPaths } from './day-indexes';
import { earlierCopies } from './earlier-copies';
import { eventIdentity } from './event-days';
import { entryNames } from './index-entries';
import type { LaterCopies } from './later-copies';
import { readKeyTable, readParquetTable } from './read-parquet';
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
  const written: CompactedFile[] = [];
  const replaced: CompactedFile[] = [];
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
    const rows = new RowSet(eventType);
    rows.append(readParquetTable(bytes));
    rows.exclude(copies);
    replaced.push(file);
    written.push(...(await rewriteFile(file, rows, context)));
  }
  return { files: written, replaced, trimmed: [], absorbed: [], complete: true };
}

/** Rewrites the files that hold copies of rows which an earlier day is about to absorb. */
export async function dropLaterCopies(
  { files, ids, alsoIn, isGoneValue }: LaterCopies,
  context: StepContext,
): Promise<StepResult> {
  const written: CompactedFile[] = [];
  const names = new Set<string>();
  const keys = new Set<KeyText>();
  let areDistinct = true;
  for (const file of files) {
    const rows = await rowsOf(file, context);
    const copies = new Set<number>();
    for (const { row, key, eventId } of rows.arrivedRows())
      if (ids.has(eventIdentity(key, eventId))) {
        copies.add(row);
        keys.add(key);
      }
    for (const row of alsoIn?.(rows) ?? []) {
      copies.add(row);
      // Rows without an event_id may share the names of their entries with rows that stay.
      areDistinct = false;
    }
    const gone = rows.take(Uint32Array.from(copies));
    for (const name of entryNames(gone, context.eventType)) if (name !== undefined) names.add(name);
    rows.exclude(copies);
    written.push(...(await rewriteFile(file, rows, context)));
  }
  const others = context.dayFiles.filter((file) => !files.includes(file));
  const result = { ...nothingChanged, files: written, replaced: files };
  if (indexPaths(context.eventType).length === 0) return { ...result, indexes: [] };
  return areDistinct && !(await haveRows(others, { ids, keys }, context))
    ? {
        ...result,
        indexes: await withoutEntries({ names, ...(isGoneValue && { isGoneValue }) }, context),
      }
    : { ...result, ...(await indexAnew([...others, ...written], context)) };
}

/** Decides whether files have one of some rows. Of a sealed day hardly ever a file has to be read for it. */
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

/** Makes the indexes of a day of nothing but its files, so that they have no entry of a row that is to be gone. */
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

/** Writes what is left of a file's rows in its place. */
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
