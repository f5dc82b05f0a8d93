import { eventIdColumn, ingestedAtColumn, keyColumn, type EventType } from '@sluice/event-schema';
import type { ColumnIds } from '@sluice/iceberg-metadata';
import {
  keyOrder,
  type KeyOrder,
  type CompactedFile,
  type DayIndex,
  type KeyFilterFile,
  type KeyText,
  type LateCounts,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { LookupLayout } from '@sluice/parquet-writing';
import pMap from 'p-map';
import { readCountedCopies } from './counted-copies';
import {
  commonIndexes,
  indexFileOptions,
  indexFiles,
  indexPaths,
  nextRun,
  usedIndexes,
  withEntries,
} from './day-indexes';
import { withPackedFooters, writeKeyFilter } from './describe-files';
import { earlierCopies } from './earlier-copies';
import { eventIdentity } from './event-days';
import { entryColumns, IndexEntryBuilder } from './index-entries';
import { isLate, lateRows, type LateRows, type LaterCopies } from './later-copies';
import { mergeSorted } from './merge-sorted';
import type { ParquetCodec } from './parquet-codec';
import { planMerge } from './plan-merge';
import type { CompactionStep, DescribingStep, IndexingStep, IndexMergingStep } from './plan-step';
import { readAhead } from './read-ahead';
import { readKeyTable, readParquetTable } from './read-parquet';
import { readRawFile } from './read-raw-file';
import { RowSet } from './row-set';
import { sortedFiles } from './sorted-files';
import { writePlaces } from './value-places';
import {
  layoutFor,
  sampleRows,
  writeCompactedFile,
  writeRun,
  type ChooseLayout,
} from './write-run';

export interface StepContext {
  readonly store: ObjectStore;
  readonly eventType: EventType;
  readonly date: LakeDate;
  readonly codec: ParquetCodec;
  readonly chooseLayout: ChooseLayout;
  /** Ids of the columns, for the files that are written. */
  readonly columnIds?: ReadonlyMap<string, ColumnIds> | undefined;
  /** Compacted files of the day before the step. */
  readonly dayFiles: readonly CompactedFile[];
  /** Indexes of the day before the step. */
  readonly dayIndexes: readonly DayIndex[];
  /** Number of the run that the step writes. */
  readonly run: number;
  /** Bytes of rows in memory beyond which an absorbing step takes no further raw file. */
  readonly maxRowBytes: number;
  /** Called for a file that can't be read, with a reason for the operators of the lake. */
  readonly refuse: (file: Pick<ObjectInfo, 'key'>, reason: string) => void;
  /** Decides whether the time is up; called after every written file. */
  readonly mustStop: () => boolean;
}

/** Changes of the manifest by a step. */
export interface StepResult {
  /** Files of the new run, either written or taken over from another run. */
  readonly files: readonly CompactedFile[];
  /** Files of older runs whose rows are all in files of the new run. */
  readonly replaced: readonly CompactedFile[];
  /**
   * Files that are kept with other metadata: the remaining range of a file that an interrupted merge has begun, or a
   * new description.
   */
  readonly trimmed: readonly CompactedFile[];
  readonly absorbed: readonly ObjectInfo[];
  /**
   * Collects the rows of raw files that were written when a later day may have been compacted already; undefined
   * without such files.
   */
  readonly late?: (() => LateRows | undefined) | undefined;
  /** The absorbed rows by how late they were; undefined without such rows, or where they have no time. */
  readonly lateCounts?: LateCounts | undefined;
  /** Filter of the keys of all files of the day. */
  readonly keyFilter?: KeyFilterFile;
  /** All indexes of the day after the step; undefined where they stay as they were. */
  readonly indexes?: readonly DayIndex[];
  /** False where more is to be done, because the time was up, the memory full or a raw file unreadable. */
  readonly complete: boolean;
}

export function runStep(step: CompactionStep, context: StepContext): Promise<StepResult> {
  switch (step.kind) {
    case 'absorb':
      return absorb(step, context);
    case 'merge':
      return merge(step.files, context);
    case 'drop':
      return dropLaterCopies(step, context);
    case 'seal':
      return dropCopies(context);
    case 'index':
      return index(step, context);
    case 'merge-index':
      return mergeIndex(step, context);
    case 'rewrite':
      return rewrite(step.files, context);
    case 'describe':
      return describe(step, context);
  }
}

const nothingChanged = { files: [], replaced: [], trimmed: [], absorbed: [], complete: true };

async function describe(
  { files, filterOf, valueFiltersOf, placesOf }: DescribingStep,
  context: StepContext,
): Promise<StepResult> {
  const described = await withPackedFooters(files, context);
  const keyFilter = filterOf.length > 0 ? await writeKeyFilter(filterOf, context) : undefined;
  const valueFilters = new Map<string, KeyFilterFile>();
  for (const { path, files: ofIndex } of context.dayIndexes) {
    if (!valueFiltersOf.includes(path)) continue;
    const { eventType } = indexFileOptions(context, path);
    const filter = await writeKeyFilter(ofIndex, { ...context, eventType });
    if (filter) valueFilters.set(path, filter);
  }
  const places = await writePlaces(placesOf, context);
  return {
    ...nothingChanged,
    trimmed: described,
    ...(keyFilter && { keyFilter }),
    ...(valueFilters.size + places.size > 0 && {
      indexes: context.dayIndexes.map((each) => {
        const valueFilter = valueFilters.get(each.path) ?? each.valueFilter;
        const placesOfIndex = places.get(each.path) ?? each.places;
        return {
          ...each,
          ...(valueFilter && { valueFilter }),
          ...(placesOfIndex && { places: placesOfIndex }),
        };
      }),
    }),
  };
}

async function index({ files }: IndexingStep, context: StepContext): Promise<StepResult> {
  const { indexes, marked } = await indexFiles(files, context);
  return { ...nothingChanged, trimmed: marked, indexes };
}

/** Merges runs of an index as those of a table are. */
async function mergeIndex(
  { path, files }: IndexMergingStep,
  context: StepContext,
): Promise<StepResult> {
  const { dayIndexes } = context;
  const before = dayIndexes.find((each) => each.path === path)?.files ?? [];
  const merged = await merge(files, {
    ...context,
    ...indexFileOptions(context, path),
    columnIds: undefined,
    chooseLayout: layoutFor,
    run: nextRun(before),
  });
  const changed = new Set(
    [...merged.files, ...merged.replaced, ...merged.trimmed].map(({ key }) => key),
  );
  const after = [
    ...before.filter(({ key }) => !changed.has(key)),
    ...merged.trimmed,
    ...merged.files,
  ];
  return {
    ...nothingChanged,
    indexes: dayIndexes.map((each) => (each.path === path ? { ...each, files: after } : each)),
    complete: merged.complete,
  };
}

const downloadsAtOnce = 32;
/** Bytes of Parquet in one download; two are in memory at the same time, in addition to their rows. */
const downloadBytes = 6 * 2 ** 20;

/** Yields files in their order, as many as are read at once. */
function* downloads(files: readonly ObjectInfo[]): Generator<readonly ObjectInfo[]> {
  let part: ObjectInfo[] = [];
  let bytes = 0;
  for (const file of files) {
    if (
      part.length === downloadsAtOnce ||
      (part.length > 0 && bytes + file.bytes > downloadBytes)
    ) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(file);
    bytes += file.bytes;
  }
  if (part.length > 0) yield part;
}

/** Sorts raw files in memory, together with the rows of small runs, into a new run. */
async function absorb(
  { rawFiles, files, seal }: CompactionStep & { readonly kind: 'absorb' },
  context: StepContext,
): Promise<StepResult> {
  const { store, eventType, date, codec, maxRowBytes, refuse } = context;
  const rows = new RowSet(eventType);
  const absorbed: ObjectInfo[] = [];
  const lateRanges: [number, number][] = [];
  let unreadable = 0;
  const read = async (files: readonly ObjectInfo[]) => {
    const contents = await pMap(
      files,
      async ({ key, etag }) => (await store.get(key, { ifMatch: etag })).bytes,
    );
    return { files, contents, decoded: await codec.decode(contents) };
  };
  for await (const { files, contents, decoded } of readAhead([...downloads(rawFiles)], read)) {
    for (const [index, file] of files.entries())
      try {
        const [content, rowsOfFile] = [contents[index], decoded[index]];
        if (!content || !rowsOfFile) continue;
        const start = rows.rows;
        rows.append(await readRawFile(rowsOfFile, content, eventType));
        if (isLate(file, date)) lateRanges.push([start, rows.rows]);
        absorbed.push(file);
      } catch (error) {
        unreadable++;
        refuse(file, (error as Error).message);
      }
    if (absorbed.length > 0 && rows.byteLength >= maxRowBytes) break;
  }
  if (!seal) rows.exclude(await earlierCopies(rows, context));
  const lateCounts = rows.lateCounts();
  const complete = absorbed.length === rawFiles.length;
  const merged = complete ? files : [];
  const rawRows = rows.rows;
  if (merged.length > 0) {
    const order = keyOrder(keyColumn(eventType).type);
    for await (const block of sortedFiles(merged, { store, eventType, order, blockRows: Infinity }))
      rows.append(block);
  }
  // Includes all rows, because the first of two copies may have been delivered last.
  if (seal) rows.exclude(await earlierCopies(rows, context));
  const paths = indexPaths(eventType);
  const known = commonIndexes(merged);
  // Rows that have entries already keep them, in whatever file they are.
  const newRows = paths.every((path) => known.includes(path)) ? rawRows : rows.rows;
  const written = rows.rows > 0 ? await writeRun(rows, { ...context, indexed: paths }) : [];
  const indexes =
    paths.length > 0 && written.length > 0 ? await withRows(rows, newRows, context) : undefined;
  return {
    files: written,
    ...(indexes && { indexes }),
    replaced: merged,
    trimmed: [],
    absorbed,
    lateCounts,
    late: lateRanges.length > 0 ? () => lateRows(rows, lateRanges, date) : undefined,
    complete: complete && unreadable === 0,
  };
}

/** Adds the entries of the first rows of a set to the indexes of the day. */
async function withRows(
  rows: RowSet,
  count: number,
  context: StepContext,
): Promise<readonly DayIndex[]> {
  const { eventType, dayFiles, dayIndexes } = context;
  const builder = new IndexEntryBuilder(eventType);
  builder.add(rows.firstRows(count, entryColumns(eventType)));
  return withEntries(builder, usedIndexes(dayFiles, dayIndexes), context);
}

/**
 * Rewrites the files that hold copies of an earlier day's rows, because the first of two copies may have been
 * delivered last.
 */
async function dropCopies(context: StepContext): Promise<StepResult> {
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
async function dropLaterCopies(
  { files, ids, alsoIn }: LaterCopies,
  context: StepContext,
): Promise<StepResult> {
  const { store, eventType } = context;
  const order = keyOrder(keyColumn(eventType).type);
  const written: CompactedFile[] = [];
  for (const file of files) {
    const rows = new RowSet(eventType);
    for await (const block of sortedFiles([file], {
      store,
      eventType,
      order,
      blockRows: Infinity,
    }))
      rows.append(block);
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
async function rewrite(files: readonly CompactedFile[], context: StepContext): Promise<StepResult> {
  const { store, eventType, refuse, mustStop } = context;
  const order = keyOrder(keyColumn(eventType).type);
  const written: CompactedFile[] = [];
  const replaced: CompactedFile[] = [];
  for (const file of files) {
    if (replaced.length > 0 && mustStop()) break;
    const rows = new RowSet(eventType);
    try {
      for await (const block of sortedFiles([file], {
        store,
        eventType,
        order,
        blockRows: Infinity,
      }))
        rows.append(block);
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

/** Rows that a merge reads from a source at a time. */
const blockRows = 16_384;

/**
 * Merges runs, one group of overlapping files after the other, in memory that does not grow with the number of rows.
 */
async function merge(files: readonly CompactedFile[], context: StepContext): Promise<StepResult> {
  const { store, eventType, run, mustStop } = context;
  const order = keyOrder(keyColumn(eventType).type);
  const layout = await sampleLayout(files, order, context);
  const { kept, groups } = planMerge(files, order, layout.fileRows);
  const written: CompactedFile[] = [];
  const replaced: CompactedFile[] = [];
  const result = (trimmed: readonly CompactedFile[], complete: boolean): StepResult => ({
    files: [...kept.map((file) => ({ ...file, run })), ...written],
    replaced,
    trimmed,
    absorbed: [],
    complete,
  });

  for (const group of groups) {
    if (mustStop()) return result([], false);
    const sources = [...byRun(group).values()].map((members) =>
      sortedFiles(members, { store, eventType, order, blockRows }),
    );
    const indexed = commonIndexes(group);
    // While one file is being encoded, the rows of the next are merged.
    let writing: Promise<CompactedFile> | undefined;
    const parts = mergeSorted(sources, {
      eventType,
      partRows: layout.fileRows,
      countedCopies: (rows, key) =>
        readCountedCopies(rows.keyText(key), group, { store, eventType, order }),
    });
    for await (const part of parts) {
      if (writing) written.push(await writing);
      writing = writeCompactedFile(part.rows, part.order, layout, { ...context, indexed });
      writing.catch(() => undefined);
      const last = part.order.at(-1) ?? 0;
      if (part.next === undefined || !part.rows.keyDiffers(last, part.next) || !mustStop())
        continue;
      written.push(await writing);
      const nextKey = part.rows.keyText(part.next);
      const isConsumed = ({ maxKey }: CompactedFile): boolean => order(maxKey, nextKey) < 0;
      replaced.push(...group.filter(isConsumed));
      return result(
        group.filter((file) => !isConsumed(file)).map((file) => trim(file, nextKey, order)),
        false,
      );
    }
    if (writing) written.push(await writing);
    replaced.push(...group);
  }
  return result([], true);
}

/** Chooses the layout of merged rows from the first rows of the largest file. */
async function sampleLayout(
  files: readonly CompactedFile[],
  order: KeyOrder,
  { store, eventType, chooseLayout }: StepContext,
): Promise<LookupLayout> {
  const [largest] = [...files].sort((a, b) => b.rows - a.rows);
  const rows = new RowSet(eventType);
  const blocks = sortedFiles(largest ? [largest] : [], { store, eventType, order, blockRows: 1 });
  for await (const block of blocks) {
    rows.append(block);
    if (rows.rows >= sampleRows) break;
  }
  return chooseLayout(rows, rows.sortedOrder());
}

const trim = (file: CompactedFile, minKey: KeyText, order: KeyOrder): CompactedFile =>
  order(file.minKey, minKey) < 0 ? { ...file, minKey } : file;

function byRun(files: readonly CompactedFile[]): ReadonlyMap<number, readonly CompactedFile[]> {
  const runs = new Map<number, CompactedFile[]>();
  for (const file of files) runs.set(file.run, [...(runs.get(file.run) ?? []), file]);
  return runs;
}
