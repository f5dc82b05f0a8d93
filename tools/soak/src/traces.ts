// Looks for what is left of people in the files of a lake.
import { DuckDBInstance } from '@duckdb/node-api';
import { sqlText } from '@sluice/event-schema';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** Returns the paths of the files below a folder, relative to it. */
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

/**
 * Returns the files in which a text stands: in the bytes as they are, in every value of Parquet files as DuckDB reads
 * them, in base64 as failed records have their originals, and in what Avro files deflate.
 */
export async function filesWith(folder: string, text: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const files = filesBelow(folder);
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    if (bytes.includes(text)) found.add(file);
    else if (file.includes('/errors/') && decoded(bytes).includes(text)) found.add(file);
    else if (file.endsWith('.avro') && avroBlocks(bytes).some((block) => block.includes(text)))
      found.add(file);
  }
  const parquet = files.filter((file) => file.endsWith('.parquet'));
  const duckdb = await DuckDBInstance.create(':memory:');
  const connection = await duckdb.connect();
  try {
    for (const file of parquet) {
      const path = sqlText(join(folder, file));
      const reader = await connection.runAndReadAll(
        `select count(*) from (select to_json(row_) as line from read_parquet(${path}) row_) where contains(line::varchar, '${text}')`,
      );
      if (Number(reader.getRows()[0]?.[0]) > 0) found.add(file);
    }
  } finally {
    connection.closeSync();
    duckdb.closeSync();
  }
  return [...found].sort();
}

const decoded = (bytes: Buffer): string =>
  [...bytes.toString().matchAll(/"rawData":"([^"]*)"/g)]
    .map(([, base64 = '']) => Buffer.from(base64, 'base64').toString())
    .join('\n');

/** Returns the blocks of an Avro file, inflated where that is what they are, wherever a block may begin. */
function avroBlocks(bytes: Buffer): readonly Buffer[] {
  if (!bytes.includes('deflate')) return [];
  const sync = bytes.subarray(-16);
  const blocks: Buffer[] = [];
  for (let at = bytes.indexOf(sync); at !== -1; at = bytes.indexOf(sync, at + 1))
    // The number of objects and the size come first, as integers of one to ten bytes each.
    for (let skip = 18; skip < 36; skip++)
      try {
        blocks.push(inflateRawSync(bytes.subarray(at + skip)));
      } catch {
        // No block begins here.
      }
  return blocks;
}

/** Content of some Parquet files, to compare rows without their order. */
export interface RowSum {
  readonly rows: number;
  /** Sum of the hashes of all rows. */
  readonly hash: string;
}

/** Adds up the rows of Parquet files. @param where condition of DuckDB's SQL */
export async function rowSum(pattern: string, where = 'true'): Promise<RowSum> {
  const duckdb = await DuckDBInstance.create(':memory:');
  const connection = await duckdb.connect();
  try {
    const values = 'id, person, note, pages, event_id, epoch_ms(ingested_at), unmapped';
    const reader = await connection.runAndReadAll(
      `select count(*), coalesce(sum(hash(${values})), 0)::varchar from read_parquet(${sqlText(pattern)}, union_by_name = true, hive_partitioning = false) where ${where}`,
    );
    const [rows, hash] = reader.getRows()[0] ?? [];
    return { rows: Number(rows), hash: String(hash) };
  } finally {
    connection.closeSync();
    duckdb.closeSync();
  }
}
