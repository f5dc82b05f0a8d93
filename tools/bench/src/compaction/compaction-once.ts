import { DuckDBInstance } from '@duckdb/node-api';
import { tableName } from '@sluice/event-schema';
import { compactDay, parquetThread } from '@sluice/lake-maintenance';
import { rawTablePrefix } from '@sluice/lake-layout';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LocalFiles } from './local-files';
import { peakMemoryMb } from '../peak-memory';
import { benchDate, benchEvent } from '../seeded-day';

export const compactionEngines = ['sluice', 'duckdb', 'duckdb-dedup'] as const;
export type CompactionEngine = (typeof compactionEngines)[number];

export interface CompactionRun {
  readonly ms: number;
  readonly cpuMs: number;
  /** Peak memory of the process since its start, in MB. */
  readonly peakMegabytes: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
}

/** Smallest number of rows in a row group that DuckDB writes. */
const duckRowGroupRows = 2_048;

/** Compacts the seeded day in a folder once. Meant for a separate process. */
export async function compactOnce(
  engine: CompactionEngine,
  folder: string,
): Promise<CompactionRun> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const result = await (engine === 'sluice' ? sluice(folder) : duckdb(folder, engine));
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  const peakMegabytes = peakMemoryMb();
  return { ms, cpuMs: (user + system) / 1000, peakMegabytes, ...result };
}

type Written = Pick<CompactionRun, 'rows' | 'files' | 'bytes'>;

async function sluice(folder: string): Promise<Written> {
  const { rows, compactedFiles, bytesWritten, complete, refused } = await compactDay({
    store: new LocalFiles(folder),
    eventType: benchEvent,
    date: benchDate,
    seal: true,
    codec: parquetThread(
      pathToFileURL(join(__dirname, '../../apps/lake-maintenance/parquet-worker.mjs')),
    ),
  });
  if (!complete || refused.length > 0) throw new Error('the day was not compacted as a whole');
  return { rows, files: compactedFiles, bytes: bytesWritten };
}

/**
 * Sorts and writes the same files with DuckDB, into one file. `duckdb-dedup` also removes duplicates, as Sluice does.
 */
async function duckdb(folder: string, engine: CompactionEngine): Promise<Written> {
  const raw = join(folder, rawTablePrefix(tableName(benchEvent)), '*/*/*.parquet');
  const output = join(folder, 'duckdb.parquet');
  const once =
    engine === 'duckdb-dedup'
      ? 'qualify row_number() over (partition by id, event_id order by ingested_at) = 1'
      : '';
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `copy (select * from read_parquet('${raw}', hive_partitioning = false) ${once} order by id, event_id)
     to '${output}' (format parquet, codec 'zstd', row_group_size ${duckRowGroupRows})`,
  );
  const reader = await connection.runAndReadAll(
    `select sum(num_rows)::double, any_value(file_size_bytes)::double from parquet_file_metadata('${output}')`,
  );
  const [[rows, bytes] = []] = reader.getRowsJson();
  return { rows: Number(rows), files: 1, bytes: Number(bytes ?? 0) };
}
