import { DuckDBInstance } from '@duckdb/node-api';
import { sqlText } from '@sluice/event-schema';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import {
  dateOfKey,
  errorsPrefix,
  manifestPrefix,
  rawTablePrefix,
  readManifest,
  unabsorbedFiles,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { Endpoints } from '@sluice/lake';
import { openRecord } from '@sluice/record-flattening';
import { join } from 'node:path';

export interface Lake {
  readonly store: ObjectStore;
  /** Folder of the bucket's objects, which are plain files. */
  readonly folder: string;
}

/** Returns the lake of a running stack. */
export const lakeOf = (
  { s3, region, accessKeyId, secretAccessKey, bucket }: Endpoints,
  dataDir: string,
): Lake => ({
  store: s3ObjectStore({
    client: s3Client({ endpoint: s3, region, credentials: { accessKeyId, secretAccessKey } }),
    bucket,
  }),
  folder: bucketFolder(dataDir, bucket),
});

const bucketFolder = (dataDir: string, bucket: string): string =>
  join(dataDirectory(dataDir).objects, bucket);

/** Returns the file in which a stopped or running stack keeps an object. */
export const objectFile = (dataDir: string, bucket: string, key: string): string =>
  join(bucketFolder(dataDir, bucket), key);

/** Number of rows by identity. */
export type RowCounts = ReadonlyMap<string, number>;

/**
 * Counts rows as a reader has to: those of compacted files and of raw files that are not absorbed, without duplicates
 * by `event_id` within a day. A row that is in two days counts twice.
 */
export async function readerRows(lake: Lake, table: string, identity: string): Promise<RowCounts> {
  const files: string[] = [];
  for (const date of await tableDates(lake, table)) {
    const manifest = (await readManifest(lake.store, table, date))?.manifest;
    files.push(...(manifest?.files ?? []).map(({ key }) => key));
    if (manifest?.sealed === true) continue;
    const rawFiles = await list(lake.store, `${rawTablePrefix(table)}dt=${date}/`);
    files.push(...unabsorbedFiles(manifest, rawFiles).map(({ key }) => key));
  }
  const day = "regexp_extract(filename, 'dt=([0-9-]+)', 1)";
  return countRows(lake, files, `select "${identity}", count(distinct ${day} || ' ' || event_id)`);
}

/** Counts every row in the compacted files, duplicates included. */
export async function compactedRows(
  lake: Lake,
  table: string,
  identity: string,
): Promise<RowCounts> {
  const files: string[] = [];
  for (const date of await tableDates(lake, table))
    files.push(
      ...((await readManifest(lake.store, table, date))?.manifest.files ?? []).map(
        ({ key }) => key,
      ),
    );
  return countRows(lake, files, `select "${identity}", count(*)`);
}

/** Returns the days that hold raw or compacted files. */
export async function tableDates({ store }: Lake, table: string): Promise<readonly LakeDate[]> {
  const found = [
    ...(await list(store, rawTablePrefix(table))),
    ...(await list(store, manifestPrefix(table))),
  ];
  const dates = found.map(({ key }) => dateOfKey(key)).filter((date) => date !== undefined);
  return [...new Set(dates)].sort();
}

/** Returns the identities of the records in the error output. @throws Error for an incomplete line */
export async function failedIdentities(
  lake: Lake,
  table: string,
  identity: string,
): Promise<ReadonlySet<string>> {
  const identities = new Set<string>();
  for (const { rawData } of await errorLines(lake, table)) {
    const { bytes } = openRecord(Buffer.from(rawData, 'base64'));
    const event = JSON.parse(Buffer.from(bytes).toString()) as Readonly<Record<string, unknown>>;
    identities.add(String(event[identity]));
  }
  return identities;
}

/**
 * Counts the records that are in the error output more than once, because they were delivered again after their error
 * was written.
 */
export async function redeliveredErrors(lake: Lake, table: string): Promise<number> {
  const lines = await errorLines(lake, table);
  return (
    lines.length - new Set(lines.map((line) => `${line.arrivalTimestamp} ${line.rawData}`)).size
  );
}

interface ErrorLine {
  readonly arrivalTimestamp: number;
  /** The record in base64. */
  readonly rawData: string;
}

async function errorLines({ store }: Lake, table: string): Promise<readonly ErrorLine[]> {
  const found: ErrorLine[] = [];
  for (const { key } of await list(store, errorsPrefix(table))) {
    const lines = Buffer.from((await store.get(key)).bytes)
      .toString()
      .split('\n');
    if (lines.pop() !== '') throw new Error(`${key} ends within a line`);
    found.push(...lines.map((line) => JSON.parse(line) as ErrorLine));
  }
  return found;
}

async function list(store: ObjectStore, prefix: string): Promise<readonly ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of store.list(prefix)) found.push(info);
  return found;
}

async function countRows(
  { folder }: Lake,
  keys: readonly string[],
  selection: string,
): Promise<RowCounts> {
  if (keys.length === 0) return new Map();
  const names = keys.map((key) => sqlText(join(folder, key))).join(', ');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `${selection} from read_parquet([${names}], union_by_name = true, filename = true) group by all`,
    );
    return new Map(reader.getRows().map(([identity, rows]) => [String(identity), Number(rows)]));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
