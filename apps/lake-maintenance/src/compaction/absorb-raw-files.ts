import { keyColumn } from '@sluice/event-schema';
import { keyOrder, type DayIndex, type ObjectInfo } from '@sluice/lake-layout';
import pMap from 'p-map';
import { commonIndexes, indexPaths, usedIndexes, withEntries } from './day-indexes';
import { earlierCopies } from './earlier-copies';
import { entryColumns, IndexEntryBuilder } from './index-entries';
import { isLate, lateRows } from './later-copies';
import type { CompactionStep } from './plan-step';
import { readRawFile } from './read-raw-file';
import { RowSet } from './row-set';
import { sortedFiles } from './sorted-files';
import type { StepContext, StepResult } from './step';
import { writeRun } from './write-run';

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

/** Bytes of rows in memory beyond which a step takes no further raw file. */
const maxRowBytes = 256 << 20;

/** Sorts raw files in memory, together with the rows of small runs, into a new run. */
export async function absorb(
  { rawFiles, files, seal }: CompactionStep & { readonly kind: 'absorb' },
  context: StepContext,
): Promise<StepResult> {
  const { store, eventType, date, codec, refuse } = context;
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

/** Yields what is read for each item, in order. While the caller works on one result, the next item is being read. */
async function* readAhead<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  let next: Promise<Result> | undefined;
  for (const [index, item] of items.entries()) {
    const current = next ?? read(item);
    const following = items[index + 1];
    next = following === undefined ? undefined : current.then(() => read(following));
    // Its error is thrown when its turn comes, and ignored if the caller stops before that.
    next?.catch(() => undefined);
    yield await current;
  }
}
