import { eventIdColumn, ingestedAtColumn, keyColumn } from '@sluice/event-schema';
import { keyOrder, type CompactedFile } from '@sluice/lake-layout';
import { indexFiles, indexPaths } from './day-indexes';
import { earlierCopies } from './earlier-copies';
import { eventIdentity } from './event-days';
import type { LaterCopies } from './later-copies';
import { readKeyTable, readParquetTable } from './read-parquet';
import { RowSet } from './row-set';
import { sortedFiles } from './sorted-files';
import { nothingChanged, type StepContext, type StepResult } from './step';
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
  { files, ids, alsoIn }: LaterCopies,
  context: StepContext,
): Promise<StepResult> {
  const written: CompactedFile[] = [];
  for (const file of files) {
    const rows = await rowsOf(file, context);
    const copies = new Set<number>();
    for (const { row, key, eventId } of rows.arrivedRows())
      if (ids.has(eventIdentity(key, eventId))) copies.add(row);
    for (const row of alsoIn?.(rows) ?? []) copies.add(row);
    rows.exclude(copies);
    written.push(...(await rewriteFile(file, rows, context)));
  }
  return {
    ...nothingChanged,
    files: written,
    replaced: files,
    ...(await indexAnew(
      [...context.dayFiles.filter((file) => !files.includes(file)), ...written],
      context,
    )),
  };
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

/** Reads all rows of a file. */
async function rowsOf(file: CompactedFile, { store, eventType }: StepContext): Promise<RowSet> {
  const rows = new RowSet(eventType);
  const order = keyOrder(keyColumn(eventType).type);
  for await (const block of sortedFiles([file], { store, eventType, order, blockRows: Infinity }))
    rows.append(block);
  return rows;
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
