import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { MemoryObjectStore, referenceKey } from '@sluice/lake-layout';
import { putReference, type PutReferenceOptions, type PutReferenceResult } from './put-reference';

/** Puts contents as files into a lake in memory, and reads its tables with DuckDB. */
export class ReferenceBench {
  readonly store = new MemoryObjectStore();
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-reference-'));
  #duckdb: DuckDBConnection | undefined;
  #files = 0;

  file(name: string, content: string | Uint8Array): string {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return path;
  }

  put(
    fileName: string,
    content: string | Uint8Array,
    options: Partial<PutReferenceOptions> = {},
  ): Promise<PutReferenceResult> {
    const file = this.file(fileName, content);
    return putReference({ store: this.store, name: 'things', file, ...options });
  }

  /** Reads a table of the lake: DuckDB's type by column, and the rows with values as DuckDB writes them in JSON. */
  async table(name = 'things'): Promise<{
    readonly types: Readonly<Record<string, string>>;
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  }> {
    const { bytes } = await this.store.get(referenceKey(name));
    return this.parquet(bytes);
  }

  async parquet(bytes: Uint8Array): ReturnType<ReferenceBench['table']> {
    const path = this.file(`table-${++this.#files}.parquet`, bytes);
    const reader = await this.query(`select * from '${path}'`);
    const types = reader.columnTypes().map(String);
    return {
      types: Object.fromEntries(
        reader.columnNames().map((column, at) => [column, types[at] ?? '']),
      ),
      rows: reader.getRowObjectsJson(),
    };
  }

  /** Counts the rows of a Parquet file, of which DuckDB reads every value. */
  async rowsRead(bytes: Uint8Array): Promise<number> {
    const path = this.file(`table-${++this.#files}.parquet`, bytes);
    const reader = await this.query(
      `select count(*)::integer as n, max(hash(t)) from '${path}' as t`,
    );
    return reader.getRows()[0]?.[0] as number;
  }

  async query(sql: string): ReturnType<DuckDBConnection['runAndReadAll']> {
    this.#duckdb ??= await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    return this.#duckdb.runAndReadAll(sql);
  }

  close(): void {
    this.#duckdb?.closeSync();
    rmSync(this.#folder, { recursive: true });
  }
}

/** Returns the sentences of a refusal. Fails where the file was accepted. */
export function problemsOf(result: PutReferenceResult): readonly string[] {
  if (result.outcome === 'refused') return result.problems;
  throw new Error(`it was not refused but ${result.outcome}`);
}
