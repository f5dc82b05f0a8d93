import type { EventType } from '@sluice/event-schema';
import type { CompactedFile, KeyOrder, KeyText, ObjectStore } from '@sluice/lake-layout';
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
  for (const { key, etag, minKey } of [...files].sort((a, b) => order(a.minKey, b.minKey))) {
    const { bytes } = await store.get(key, { ifMatch: etag });
    for (const block of readParquetBlocks(bytes, blockRows)) {
      const rows = new RowSet(eventType);
      rows.append(block);
      yield fromKey(rows, minKey, order);
    }
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
