import type { EventType } from '@sluice/event-schema';
import {
  compareUtf8,
  DamagedObjectError,
  keyOrder,
  type CompactedFile,
  type KeyOrder,
  type KeyText,
  type ObjectStore,
  type RowPosition,
} from '@sluice/lake-layout';
import { checkFile, ParquetError } from '@sluice/parquet-reading';
import type { Table } from 'apache-arrow';
import { readParquetBlocks, readParquetTable } from './read-parquet';
import { RowSet } from './row-set';

export interface SortedFilesOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  readonly order: KeyOrder;
  /** Approximate number of rows that are read at a time. */
  readonly blockRows: number;
}

/**
 * Yields the rows of files of one run in ascending order, with one file in memory at a time. Rows before a file's
 * smallest key are left out, because an interrupted merge has written them elsewhere.
 *
 * Files of earlier releases have the rows of a key in another order. They are sorted in memory, together with files
 * that share a key with them.
 */
export async function* sortedFiles(
  files: readonly CompactedFile[],
  { store, eventType, order, blockRows }: SortedFilesOptions,
): AsyncGenerator<Table> {
  const read = async ({ key, etag, footerCrc32 }: CompactedFile): Promise<Uint8Array> => {
    const { bytes } = await store.get(key, { ifMatch: etag });
    checkCompactedFile(key, bytes, footerCrc32);
    return bytes;
  };
  for (const group of groupsToSort(files, order)) {
    const [first] = group;
    if (first && group.length === 1 && isSorted(first)) {
      for (const block of readParquetBlocks(await read(first), blockRows)) {
        const rows = new RowSet(eventType);
        rows.append(block);
        yield rows.take(fromKey(rows, first.minKey, order));
      }
      continue;
    }
    const rows = new RowSet(eventType);
    for (const file of group) {
      const ofFile = new RowSet(eventType);
      ofFile.append(readParquetTable(await read(file)));
      rows.append(ofFile.take(fromKey(ofFile, file.minKey, order)));
    }
    const positions = rows.positions();
    for (let start = 0; start < positions.length; start += blockRows)
      yield rows.take(positions.subarray(start, start + blockRows));
  }
}

/** Decides whether a file has the rows of each key in the order of their moments. */
const isSorted = ({ firstRow, lastRow }: CompactedFile): boolean =>
  firstRow !== undefined && lastRow !== undefined;

/**
 * Groups the files of a run, in order. Files that are only sorted once their rows are sorted together share a group.
 */
function groupsToSort(
  files: readonly CompactedFile[],
  order: KeyOrder,
): readonly (readonly CompactedFile[])[] {
  const groups: CompactedFile[][] = [];
  const sorted = [...files].sort(
    (a, b) =>
      order(a.minKey, b.minKey) ||
      order(a.maxKey, b.maxKey) ||
      (a.firstRow && b.firstRow ? comparePlaces(a.firstRow, b.firstRow) : 0),
  );
  for (const file of sorted) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const sharesKey = before && order(file.minKey, before.maxKey) <= 0;
    const follows =
      before?.lastRow && file.firstRow && comparePlaces(before.lastRow, file.firstRow) <= 0;
    if (group && sharesKey && !follows) group.push(file);
    else groups.push([file]);
  }
  return groups;
}

const compareMoments = keyOrder({ kind: 'timestamp', digits: 6 });

const comparePlaces = (a: RowPosition, b: RowPosition): number =>
  compareMoments(a.moment, b.moment) || compareUtf8(a.eventId, b.eventId);

/**
 * Checks a file.
 *
 * @throws DamagedObjectError where a checksum is wrong, so that its rows are not copied into another file
 */
function checkCompactedFile(key: string, bytes: Uint8Array, footerCrc32?: number): void {
  try {
    checkFile(bytes, footerCrc32 === undefined ? {} : { footerCrc32 });
  } catch (error) {
    if (error instanceof ParquetError) throw new DamagedObjectError(key, error.message);
    throw error;
  }
}

/** Returns the positions of sorted rows from the first with this key or a larger one. */
function fromKey(rows: RowSet, minKey: KeyText, order: KeyOrder): Uint32Array {
  const first = rows.firstWhere((key) => order(key, minKey) >= 0);
  return Uint32Array.from({ length: rows.rows - first }, (_, index) => first + index);
}
