import type { EventType } from '@sluice/event-schema';
import {
  DamagedObjectError,
  type CompactedFile,
  type KeyOrder,
  type KeyText,
  type ObjectStore,
} from '@sluice/lake-layout';
import { checkFile, ParquetError } from '@sluice/parquet-reading';
import type { Table } from 'apache-arrow';
import { readParquetBlocks } from './read-parquet';
import { RowSet } from './row-set';

export interface SortedFilesOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  readonly order: KeyOrder;
  /** Rows that are read at a time, about. */
  readonly blockRows: number;
}

/**
 * The rows of files of one run, in ascending order, one file in memory at a time. Rows before a file's
 * smallest key are left out: a merge that stopped halfway wrote them elsewhere already.
 */
export async function* sortedFiles(
  files: readonly CompactedFile[],
  { store, eventType, order, blockRows }: SortedFilesOptions,
): AsyncGenerator<Table> {
  for (const { key, etag, minKey, footerCrc32 } of [...files].sort((a, b) =>
    order(a.minKey, b.minKey),
  )) {
    const { bytes } = await store.get(key, { ifMatch: etag });
    checkCompactedFile(key, bytes, footerCrc32);
    for (const block of readParquetBlocks(bytes, blockRows)) {
      const rows = new RowSet(eventType);
      rows.append(block);
      yield fromKey(rows, minKey, order);
    }
  }
}

/** @throws DamagedObjectError where a checksum of the file is wrong: its rows must not go on into another file */
function checkCompactedFile(key: string, bytes: Uint8Array, footerCrc32?: number): void {
  try {
    checkFile(bytes, footerCrc32 === undefined ? {} : { footerCrc32 });
  } catch (error) {
    if (error instanceof ParquetError) throw new DamagedObjectError(key, error.message);
    throw error;
  }
}

/** Sorted rows from the first with this key or a larger one. */
function fromKey(rows: RowSet, minKey: KeyText, order: KeyOrder): Table {
  let low = 0;
  let high = rows.rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(rows.keyText(middle), minKey) < 0) low = middle + 1;
    else high = middle;
  }
  return rows.take(Uint32Array.from({ length: rows.rows - low }, (_, index) => low + index));
}
