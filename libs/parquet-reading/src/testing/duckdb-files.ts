import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

export const duckdb = async (): Promise<DuckDBConnection> =>
  (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();

/** The Parquet file that DuckDB makes of a query. */
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
