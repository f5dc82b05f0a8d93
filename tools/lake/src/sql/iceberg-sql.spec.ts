import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import { readManifest } from '@sluice/lake-layout';
import { compactAndPublish, TablePublisher } from '@sluice/lake-maintenance';
import { date, order, orderRow, putRaw } from '@sluice/lake-maintenance/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lake } from './lake';

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-iceberg-sql-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
const { objects } = dataDirectory(dataDir);
const bucket = 'lake';
const store = new FolderObjectStore(join(objects, bucket), {
  incoming: join(objects, '.s3', 'incoming'),
});
const lake = new Lake(
  {
    database: 'db',
    crawled: undefined,
    tables: [
      {
        kind: 'iceberg',
        database: 'db',
        name: 'order',
        columns: [{ name: 'id', type: 'string' }],
        bucket,
        prefix: 'order/iceberg/metadata/',
      },
    ],
  },
  objects,
);

const rows = (sql: string) =>
  lake.query(sql, new AbortController().signal, async (result) => result.getRowsJson());

test('a table that was never published has its columns and no rows, and the reason is told', async () => {
  expect(await rows('SELECT count(*), max(id), max(dt) FROM order')).toEqual([['0', null, null]]);
  const told = await lake.missingSnapshots('SELECT * FROM order_latest');
  expect(told).toMatch(
    /^SQL shows no rows of order [^]*\n {2}npm run lake -- compact --data-dir \S+\n[^]*in order_raw\.$/,
  );
  expect(await lake.missingSnapshots('SELECT * FROM order_raw ORDER BY id')).toBeUndefined();
});

test('SQL reads the current snapshot: each event once, without rows that are deleted by position', async () => {
  const publisher = new TablePublisher({ store, bucket, eventType: order });
  const compact = () => compactAndPublish({ publisher, store, maxStepBytes: 1, sealAfterMs: 1e12 });
  await putRaw(store, 'a', [orderRow(1), orderRow(2)]);
  await compact();
  await putRaw(store, 'b', [orderRow(2), orderRow(3)]);
  expect((await compact()).published).not.toHaveProperty('fault');
  // The event that was delivered twice lies in two files.
  expect((await readManifest(store, 'order', date))?.manifest.files).toHaveLength(2);
  const ids = [1, 2, 3].map((id) => orderRow(id).id);
  expect(await rows('SELECT id, dt FROM order ORDER BY id')).toEqual(ids.map((id) => [id, date]));
  expect(await rows(`SELECT count(*) FROM order WHERE dt = '2026-11-19'`)).toEqual([['0']]);

  // Not published yet, so not in the snapshot.
  await putRaw(store, 'c', [orderRow(4)]);
  expect(await rows('SELECT count(*) FROM order')).toEqual([['3']]);
  await compact();
  expect(await rows('SELECT count(*) FROM order')).toEqual([['4']]);
  expect(await lake.missingSnapshots('SELECT * FROM order')).toBeUndefined();
  await expect(rows('SELECT no_such_column FROM order')).rejects.toThrow('no_such_column');
});
