// For tests only: a lake of plain files in an empty folder, and its catalog.
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Catalog } from './catalog-views';
import type { CatalogTable, FileTable } from './glue-catalog';

export const bucket = 'lake';

export const dt = { name: 'dt', type: 'string' };

/** A folder of objects and a catalog that all tests of a file share. Create it at the top of the file. */
export class LakeUnderTest {
  readonly objects = mkdtempSync(join(tmpdir(), 'sluice-athena-'));
  tables: CatalogTable[] = [];

  constructor() {
    mkdirSync(join(this.objects, bucket));
    afterAll(() => rmSync(this.objects, { recursive: true, force: true }));
  }

  get catalog(): Catalog {
    return { database: 'db', tables: this.tables, crawled: { bucket, prefix: 'reference/' } };
  }

  path(key: string): string {
    return join(this.objects, bucket, ...key.split('/'));
  }

  put(key: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(key)), { recursive: true });
    writeFileSync(this.path(key), content);
  }

  /** Writes an object. @param query returns the file's rows, such as `SELECT 1 AS id` */
  async putParquet(key: string, query: string): Promise<void> {
    mkdirSync(dirname(this.path(key)), { recursive: true });
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`COPY (${query}) TO '${this.path(key)}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
  }

  symlink(table: string, date: string, ...keys: string[]): void {
    const lines = keys.map((key) => `s3://${bucket}/${key}\n`);
    this.put(`${table}/symlinks/dt=${date}/symlink.txt`, lines.join(''));
  }
}

export const fileTable = (
  name: string,
  columns: Readonly<Record<string, string>>,
  more: Partial<FileTable> = {},
): FileTable => ({
  database: 'db',
  name,
  kind: 'files',
  columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
  partitionKeys: [],
  bucket,
  prefix: `reference/${name}/`,
  isSymlink: false,
  ...more,
});

export const symlinkTable = (
  name: string,
  columns: Readonly<Record<string, string>>,
  folder = name,
): FileTable =>
  fileTable(name, columns, {
    partitionKeys: [dt],
    prefix: `${folder}/symlinks/`,
    isSymlink: true,
  });
