import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

let instance: Promise<DuckDBInstance> | undefined;

/**
 * Returns a connection to the one DuckDB instance of a test file, because starting an instance takes longer than most
 * queries.
 */
export async function duckdb(): Promise<DuckDBConnection> {
  instance ??= DuckDBInstance.create(':memory:', { threads: '1' });
  return (await instance).connect();
}

/** Returns the Parquet file that DuckDB writes for a query's result. */
export async function duckdbFile(
  connection: DuckDBConnection,
  query: string,
  options = '',
): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'parquet-reading-'));
  try {
    const file = join(folder, 'file.parquet');
    await connection.run(
      `COPY (${query}) TO '${file}' (FORMAT parquet${options && `, ${options}`})`,
    );
    return new Uint8Array(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
