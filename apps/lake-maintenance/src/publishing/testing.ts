import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  currentSnapshot,
  decodeManifestFile,
  decodeManifestList,
  entryStatus,
  metadataFileName,
  type IcebergFile,
  type ManifestFileInfo,
  type Snapshot,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import {
  icebergPrefix,
  keyOfPath,
  keyOrder,
  objectPath,
  readManifest,
  type MemoryObjectStore,
} from '@sluice/lake-layout';
import { readParquetTable } from '../compaction/read-parquet';
import { bucket, date, rowsOf, type OrderRow } from '../compaction/testing';
import { metadataKey, readTableState } from './table-state';

export type EngineRow = Readonly<Record<string, unknown>>;

let worker: Worker | undefined;

/** Reads a published table by an engine that we did not write. @param version of the metadata; by default the newest */
export async function readByIcebird(
  store: MemoryObjectStore,
  { bucket, table, version }: { bucket: string; table: string; version?: number },
): Promise<readonly EngineRow[]> {
  const objects = new Map<string, Uint8Array>();
  for await (const { key } of store.list(`${table}/`))
    objects.set(key, (await store.get(key)).bytes);
  worker ??= new Worker(join(__dirname, 'icebird-worker.mjs'));
  const answered = once(worker, 'message');
  worker.postMessage({
    objects,
    tableUrl: objectPath(bucket, icebergPrefix(table)),
    metadataFileName: version === undefined ? undefined : metadataFileName(version),
  });
  const [{ rows, fault }] = (await answered) as [{ rows?: readonly EngineRow[]; fault?: string }];
  if (rows) return rows;
  throw new Error(fault);
}

/** Ends icebird's worker. Call it after the last test that uses icebird. */
export async function stopIcebird(): Promise<void> {
  await worker?.terminate();
  worker = undefined;
}

/** A row with the values by which these tests distinguish rows. */
export interface CountedRow {
  readonly dt: string;
  readonly id: string;
  readonly event_id: string;
  readonly amount: string;
  readonly ingested_at: number;
}

const rowText = (dt: string, row: OrderRow): CountedRow => ({
  dt,
  id: row.id,
  event_id: row.event_id,
  amount: String(row.amount),
  ingested_at: Number(row.ingested_at),
});

const inOrder = (rows: readonly CountedRow[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

/** Returns the rows of a day's compacted files as a look-up counts them. */
export async function lookedUpRows(
  store: MemoryObjectStore,
  dates: readonly string[] = [date],
): Promise<readonly string[]> {
  const order = keyOrder({ kind: 'string' });
  const counted = new Map<string, CountedRow>();
  for (const dt of dates) {
    const stored = await readManifest(store, 'order', dt);
    for (const { key, minKey } of stored?.manifest.files ?? [])
      for (const row of rowsOf((await store.get(key)).bytes)) {
        if (order(row.id, minKey) < 0) continue;
        const found = rowText(dt, row);
        const id = `${dt} ${row.id} ${row.event_id}`;
        const known = counted.get(id);
        if (!known || found.ingested_at < known.ingested_at) counted.set(id, found);
      }
  }
  return inOrder([...counted.values()]);
}

/**
 * Returns the rows of the published table according to the specification: data files without the rows that are
 * deleted by position.
 */
export async function publishedRows(
  store: MemoryObjectStore,
  { version }: { readonly version?: number } = {},
): Promise<readonly string[]> {
  const state = await readTableState({ store, bucket, table: 'order' }, { nowMs: 0 });
  const metadata =
    version === undefined
      ? state?.metadata
      : (JSON.parse(
          new TextDecoder().decode((await store.get(metadataKey('order', version))).bytes),
        ) as TableMetadata);
  const snapshot = metadata && currentSnapshot(metadata);
  return snapshot ? snapshotRows(store, snapshot) : [];
}

export async function snapshotRows(
  store: MemoryObjectStore,
  snapshot: Snapshot,
): Promise<readonly string[]> {
  const bytesOf = async (path: string) => (await store.get(keyOfPath(path))).bytes;
  const manifests = await decodeManifestList(await bytesOf(snapshot['manifest-list']));
  const rows: CountedRow[] = [];
  const deleted = new Set<string>();
  const living = async (content: ManifestFileInfo['content']): Promise<readonly IcebergFile[]> => {
    const files: IcebergFile[] = [];
    for (const manifest of manifests.filter((each) => each.content === content)) {
      const entries = await decodeManifestFile(await bytesOf(manifest.path), {
        snapshotId: manifest.addedSnapshotId,
        sequenceNumber: manifest.sequenceNumber,
      });
      for (const { status, file } of entries) if (status !== entryStatus.deleted) files.push(file);
    }
    return files;
  };
  for (const { path } of await living('deletes'))
    for (const row of readParquetTable(await bytesOf(path)).toArray() as readonly {
      file_path: string;
      pos: bigint;
    }[])
      deleted.add(`${row.file_path} ${row.pos}`);
  for (const { path, dt, rows: count } of await living('data')) {
    const ofFile = rowsOf(await bytesOf(path));
    expect(ofFile).toHaveLength(count);
    for (const [position, row] of ofFile.entries())
      if (!deleted.has(`${path} ${position}`)) rows.push(rowText(dt, row));
  }
  return inOrder(rows);
}
