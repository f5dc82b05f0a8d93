// For tests only: a lake of two days and one dropped folder.
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Lake } from './lake';

const column = (name: string, type = 'bigint') => ({ name, type });

/** Returns a lake for all tests of a file. Call it at the top of the file. */
export function lakeUnderTest(): { readonly lake: Lake; readonly dataDir: string } {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-sql-'));
  const { objects } = dataDirectory(dataDir);
  const bucket = join(objects, 'lake');
  const day = join(bucket, 'order', 'raw', 'dt=2026-01-02');
  beforeAll(async () => {
    mkdirSync(day, { recursive: true });
    mkdirSync(join(bucket, 'reference', 'gauge'), { recursive: true });
    writeFileSync(join(bucket, 'reference', 'gauge', 'a.csv'), 'place,speed\nx,3\n');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT range AS id, CASE WHEN range = 1 THEN NULL ELSE 'n' || range END AS name FROM range(3)) TO '${join(day, 'x.parquet')}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  const lake = new Lake(
    {
      database: 'db',
      crawled: { bucket: 'lake', prefix: 'reference/' },
      tables: [
        {
          database: 'db',
          name: 'order_raw',
          kind: 'files',
          columns: [column('id'), column('name', 'string')],
          partitionKeys: [column('dt', 'string')],
          bucket: 'lake',
          prefix: 'order/raw/',
          isSymlink: false,
        },
        {
          database: 'db',
          name: 'order',
          kind: 'view',
          columns: [column('id')],
          sql: 'SELECT id FROM "order_raw"',
        },
      ],
    },
    objects,
  );
  return { lake, dataDir };
}

/**
 * Returns everything that was written to a stream so far. Needed because, from Node 26 on, one read returns only what
 * one write gave.
 */
export function writtenBy(stream: Readable): string {
  let text = '';
  for (let piece = read(stream); piece !== null; piece = read(stream)) text += piece.toString();
  return text;
}

const read = (stream: Readable): Buffer | null => stream.read() as Buffer | null;
