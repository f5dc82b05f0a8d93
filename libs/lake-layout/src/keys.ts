/** `YYYY-MM-DD`, UTC. */
export type LakeDate = string;

export const rawPrefix = (table: string, date: LakeDate): string => `${table}/raw/dt=${date}/`;

export const rawTablePrefix = (table: string): string => `${table}/raw/`;

export const compactedTablePrefix = (table: string): string => `${table}/compacted/`;

export const compactedPrefix = (table: string, date: LakeDate): string =>
  `${table}/compacted/dt=${date}/`;

export const compactedKey = (table: string, date: LakeDate, unique: string): string =>
  `${compactedPrefix(table, date)}${unique}.parquet`;

export const keyFilterPrefix = (table: string, date: LakeDate): string =>
  `${table}/filters/dt=${date}/`;

/** What tells of a key whether a sealed day may hold it. */
export const keyFilterKey = (table: string, date: LakeDate, unique: string): string =>
  `${keyFilterPrefix(table, date)}${unique}.bin`;

/** Where the files of the indexes of a day lie. */
export const indexPrefix = (table: string, date: LakeDate): string =>
  `${table}/indexes/dt=${date}/`;

/** @param column of the values by which the file is sorted */
export const indexFileKey = (
  table: string,
  date: LakeDate,
  { column, unique }: { readonly column: string; readonly unique: string },
): string => `${indexPrefix(table, date)}${column}/${unique}.parquet`;

export const manifestPrefix = (table: string): string => `${table}/manifests/`;

export const manifestKey = (table: string, date: LakeDate): string =>
  `${manifestPrefix(table)}dt=${date}.json`;

/** What is known of a file of past events that was, or is being, taken: by the digest of its bytes. */
export const backfillKey = (table: string, digest: string): string =>
  `${table}/backfills/${digest}.json`;

/** Files that wait to be taken. */
export const incomingPrefix = (table: string): string => `${table}/incoming/`;

/** Files that were taken, by the day on which they were. */
export const takenPrefix = (table: string, date: LakeDate): string =>
  `${table}/incoming-done/dt=${date}/`;

/** Files that could not be read, by the day on which they were tried, each with its reason beside it. */
export const refusedPrefix = (table: string, date: LakeDate): string =>
  `${table}/incoming-failed/dt=${date}/`;

export const errorsPrefix = (table: string): string => `${table}/errors/`;

/** Failed records of event types with `privacy`, whose originals are sealed. */
export const sealedErrorsKey = (
  table: string,
  date: LakeDate,
  { unique, records }: { readonly unique: string; readonly records: number },
): string => `${errorsPrefix(table)}sealed/dt=${date}/${unique}-${records}.ndjson`;

/** The table and the number of records of a key that {@link sealedErrorsKey} made; undefined for any other. */
export function sealedErrorsOfKey(
  key: string,
): { readonly table: string; readonly records: number } | undefined {
  const [, table, records] =
    /^([^/]+)\/errors\/sealed\/dt=\d{4}-\d{2}-\d{2}\/[^/]*-(\d+)\.ndjson$/.exec(key) ?? [];
  return table && records ? { table, records: Number(records) } : undefined;
}

/** Returns where the SQL table of a lake table begins: a folder a day, each with one list of files. */
export const symlinkPrefix = (table: string): string => `${table}/symlinks/`;

/** The list of the files that make up a table's day, for SQL engines. */
export const symlinkKey = (table: string, date: LakeDate): string =>
  `${symlinkPrefix(table)}dt=${date}/symlink.txt`;

export const sealedPrefix = (table: string): string => `${table}/sealed/`;

/** PUT when a day is sealed, and when a sealed day's rows change; its PUT starts what waits for the day. */
export const sealedMarkerKey = (table: string, date: LakeDate): string =>
  `${sealedPrefix(table)}dt=${date}.json`;

/** Where a table's Iceberg metadata lies, without a slash at its end: the location that engines are given. */
export const icebergPrefix = (table: string): string => `${table}/iceberg`;

/** The folder of the files that describe a table to other engines, and of the rows that do not count. */
export const icebergMetadataPrefix = (table: string): string => `${icebergPrefix(table)}/metadata/`;

/** A reference table's folder; it holds {@link referenceKey} and nothing else. */
export const referencePrefix = (reference: string): string => `reference/${reference}/`;

/** The rows of a reference table: one object, so that one PUT replaces them. */
export const referenceKey = (reference: string): string =>
  `${referencePrefix(reference)}${reference}.parquet`;

export const referenceVersionsPrefix = (reference: string): string =>
  `reference-versions/${reference}/`;

/** @param version sorts by time, as text */
export const referenceVersionKey = (reference: string, version: string): string =>
  `${referenceVersionsPrefix(reference)}${version}.parquet`;

/** All that the runs of a join wrote, by day and run. */
export const resultPrefix = (join: string): string => `results/${join}/`;

/** What one run wrote; counts once the day's {@link resultSymlinkKey} names its files. */
export const resultRunPrefix = (join: string, date: LakeDate, run: string): string =>
  `${resultPrefix(join)}dt=${date}/run=${run}/`;

/** The day and the run of a key below {@link resultPrefix}; undefined where no run wrote it. */
export function resultRunOfKey(
  key: string,
): { readonly join: string; readonly date: LakeDate; readonly run: string } | undefined {
  const found = /^results\/([^/]+)\/dt=(\d{4}-\d{2}-\d{2})\/run=([^/]+)\//.exec(key);
  const [, join, date, run] = found ?? [];
  return join && date && run ? { join, date, run } : undefined;
}

/** Returns where a result table begins: a folder a day, each with one list of files. */
export const resultSymlinkPrefix = (join: string): string => `${resultPrefix(join)}symlinks/`;

/** The list of the files that are a join's result of a day: one PUT swaps another run in. */
export const resultSymlinkKey = (join: string, date: LakeDate): string =>
  `${resultSymlinkPrefix(join)}dt=${date}/symlink.txt`;

/** What Athena writes for its callers; expires. */
export const queryResultsPrefix = 'query-results/';

/** The `dt=` part of a key of the lake, or undefined where it has none. */
export const dateOfKey = (key: string): LakeDate | undefined =>
  /(?:^|\/)dt=(\d{4}-\d{2}-\d{2})(?:[/.]|$)/.exec(key)?.[1];

/** UTC date of a moment. */
export const lakeDate = (ms: number): LakeDate => new Date(ms).toISOString().slice(0, 10);
