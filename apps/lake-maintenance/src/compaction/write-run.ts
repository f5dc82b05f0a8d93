import { keyColumn, tableColumns, tableName, type EventType } from '@sluice/event-schema';
import {
  compactedKey,
  type CompactedFile,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { lookupFileRows, lookupLayout, writeParquet } from '@sluice/parquet-writing';
import { keyText } from './key-text';
import type { RowSet } from './row-set';

export interface WriteRunOptions {
  readonly store: Pick<ObjectStore, 'put'>;
  readonly eventType: EventType;
  readonly date: LakeDate;
  readonly run: number;
  /** Makes the name of a file, unique in the lake. */
  readonly newName: () => string;
}

/** Writes rows as files whose key ranges do not overlap, where no key has more rows than a file. */
export async function writeRun(
  rows: RowSet,
  { store, eventType, date, run, newName }: WriteRunOptions,
): Promise<readonly CompactedFile[]> {
  const order = rows.sortedOrder();
  const key = keyColumn(eventType);
  const files: CompactedFile[] = [];
  for (const part of fileParts(rows, order, lookupFileRows(tableColumns(eventType).length))) {
    const table = rows.take(part);
    const { bytes, footerBytes } = writeParquet(table, lookupLayout(key.name));
    const objectKey = compactedKey(tableName(eventType), date, newName());
    const { etag } = await store.put(objectKey, bytes, {
      ifNoneMatch: '*',
      contentType: 'application/vnd.apache.parquet',
    });
    const keys = table.getChild(key.name);
    files.push({
      key: objectKey,
      bytes: bytes.length,
      etag,
      rows: part.length,
      minKey: keyText(keys, 0, key.type),
      maxKey: keyText(keys, part.length - 1, key.type),
      footerBytes,
      run,
    });
  }
  return files;
}

/** Cuts sorted rows into files of about equal size, at a change of key wherever there is one near. */
export function* fileParts(
  rows: Pick<RowSet, 'keyDiffers'>,
  order: Uint32Array,
  maxRows: number,
): Generator<Uint32Array> {
  const parts = Math.ceil(order.length / maxRows);
  const partRows = Math.ceil(order.length / parts);
  for (let start = 0; start < order.length;) {
    const wanted = Math.min(order.length, start + partRows);
    let end = wanted;
    while (end < order.length && end - start < 2 * maxRows) {
      if (rows.keyDiffers(order[end - 1] ?? 0, order[end] ?? 0)) break;
      end++;
    }
    yield order.subarray(start, end);
    start = end;
  }
}
