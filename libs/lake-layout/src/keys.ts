/** A day in UTC, `YYYY-MM-DD`. */
export type LakeDate = string;

/** A folder of a table's objects. */
export type TableFolder =
  | 'raw'
  | 'compacted'
  | 'filters'
  | 'indexes'
  | 'manifests'
  | 'iceberg'
  | 'errors'
  | 'replays'
  | 'sealed'
  | 'traces'
  | 'backfills';

/** Folders that hold a table's rows, and what is made of them. */
export const rowFolders = [
  'raw',
  'compacted',
  'filters',
  'indexes',
  'manifests',
  'iceberg',
] as const;

/** Returns the prefix of a table's objects of one kind. @param table `*` in a policy, for every table */
export const tableFolder = (table: string, folder: TableFolder): string => `${table}/${folder}/`;

export const rawTablePrefix = (table: string): string => tableFolder(table, 'raw');

export const rawPrefix = (table: string, date: LakeDate): string =>
  `${rawTablePrefix(table)}dt=${date}/`;

/** Returns the prefix of the raw files of an hour. @param hour of arrival in UTC, two digits */
export const rawHourPrefix = (table: string, date: LakeDate, hour: string): string =>
  `${rawPrefix(table, date)}hour=${hour}/`;

export const compactedTablePrefix = (table: string): string => tableFolder(table, 'compacted');

export const compactedPrefix = (table: string, date: LakeDate): string =>
  `${compactedTablePrefix(table)}dt=${date}/`;

export const compactedKey = (table: string, date: LakeDate, unique: string): string =>
  `${compactedPrefix(table, date)}${unique}.parquet`;

export const keyFilterPrefix = (table: string, date: LakeDate): string =>
  `${tableFolder(table, 'filters')}dt=${date}/`;

/** Returns the key of a filter that tells whether a sealed day may hold a key. */
export const keyFilterKey = (table: string, date: LakeDate, unique: string): string =>
  `${keyFilterPrefix(table, date)}${unique}.bin`;

/** Returns the prefix of the files of a day's indexes. */
export const indexPrefix = (table: string, date: LakeDate): string =>
  `${tableFolder(table, 'indexes')}dt=${date}/`;

/** Returns the key of a file of an index. @param column of the values by which the file is sorted */
export const indexFileKey = (
  table: string,
  date: LakeDate,
  { column, unique }: { readonly column: string; readonly unique: string },
): string => `${indexPrefix(table, date)}${column}/${unique}.parquet`;

export const manifestPrefix = (table: string): string => tableFolder(table, 'manifests');

export const manifestKey = (table: string, date: LakeDate): string =>
  `${manifestPrefix(table)}dt=${date}.json`;

/** Returns the prefix of the lists of rows of recorded events that are not known to be delivered yet. */
export const tracesPrefix = (table: string): string => tableFolder(table, 'traces');

export const tracesKey = (table: string, date: LakeDate, unique: string): string =>
  `${tracesPrefix(table)}dt=${date}/${unique}.json`;

/** Returns the key of the state of a backfilled file of past events. It is identified by the digest of its bytes. */
export const backfillKey = (table: string, digest: string): string =>
  `${tableFolder(table, 'backfills')}${digest}.json`;

/** Prefix of dropped files that wait to be ingested: `incoming/<event type>/<file>`. */
export const incomingPrefix = 'incoming/';

/** Prefix of dropped files that were ingested. */
export const takenPrefix = 'incoming-done/';

/** Prefix of dropped files that could not be ingested. The reason is stored beside each. */
export const refusedPrefix = 'incoming-failed/';

/** Returns the event type and the file's own name of a dropped file; undefined for any other key. */
export function incomingOfKey(
  key: string,
): { readonly eventType: string; readonly name: string } | undefined {
  const [, eventType, name] = /^incoming\/([^/]+)\/(.*[^/])$/.exec(key) ?? [];
  return eventType && name ? { eventType, name } : undefined;
}

/** Returns the key to which a dropped file is moved. @param prefix {@link takenPrefix} or {@link refusedPrefix} */
export const movedKey = (
  prefix: string,
  table: string,
  { date, name }: { readonly date: LakeDate; readonly name: string },
): string => `${prefix}${table}/dt=${date}/${name}`;

const reasonSuffix = '.reason.txt';

/**
 * Returns the key of the text that says why a dropped file could not be ingested. @param refusedKey made by {@link
 * movedKey}
 */
export const refusalReasonKey = (refusedKey: string): string => `${refusedKey}${reasonSuffix}`;

/** Returns the key of the refused file that a reason stands beside; undefined for any other key. */
export const refusedOfReason = (key: string): string | undefined =>
  key.startsWith(refusedPrefix) && key.endsWith(reasonSuffix)
    ? key.slice(0, -reasonSuffix.length)
    : undefined;

export const errorsPrefix = (table: string): string => tableFolder(table, 'errors');

/** Returns the prefix of a day's failed records of one kind. @param kind such as `processing-failed` */
export const errorsOfDayPrefix = (table: string, kind: string, date: LakeDate): string =>
  `${errorsPrefix(table)}${kind}/dt=${date}/`;

/** Returns the key of failed records of an event type with `privacy`, whose originals are encrypted. */
export const sealedErrorsKey = (
  table: string,
  date: LakeDate,
  { unique, records }: { readonly unique: string; readonly records: number },
): string => `${errorsOfDayPrefix(table, 'sealed', date)}${unique}-${records}.ndjson`;

/**
 * Returns the table and the number of records in a key that {@link sealedErrorsKey} made; undefined for any other
 * key.
 */
export function sealedErrorsOfKey(
  key: string,
): { readonly table: string; readonly records: number } | undefined {
  const [, table, records] =
    /^([^/]+)\/errors\/sealed\/dt=\d{4}-\d{2}-\d{2}\/[^/]*-(\d+)\.ndjson$/.exec(key) ?? [];
  return table && records ? { table, records: Number(records) } : undefined;
}

/** Prefix of the names of a backfill's files: raw files that hold only events of their own day, and failed records. */
export const backfillNamePrefix = 'backfill-';

/** Returns the key of the records of one part of a file of past events that failed. */
export const backfillErrorsKey = (table: string, date: LakeDate, part: string): string =>
  `${errorsOfDayPrefix(table, 'processing-failed', date)}${backfillNamePrefix}${part}`;

/** Returns the table whose failed records {@link backfillErrorsKey} made the key for; undefined for any other key. */
export const tableOfBackfillErrors = (key: string): string | undefined =>
  /^([^/]+)\/errors\/processing-failed\/dt=\d{4}-\d{2}-\d{2}\/backfill-[^/]+$/.exec(key)?.[1];

/** Returns the prefix of the notes on replays of a table's failed records. */
export const replaysPrefix = (table: string): string => tableFolder(table, 'replays');

/**
 * Returns the key of the note on the replay of an object of failed records: `order/errors/…/x` →
 * `order/replays/…/x.json`.
 */
export const replayKey = (errorKey: string): string =>
  `${errorKey.replace(/^([^/]+)\/errors\//, '$1/replays/')}.json`;

const placesEnding = '.places.json';

/** Returns the key of the positions of an object's records in their stream: `order/errors/…/x` → `order/replays/…/x.places.json`. */
export const replayPlacesKey = (errorKey: string): string =>
  replayKey(errorKey).replace(/\.json$/, placesEnding);

/** Returns the key of the failed records that {@link replayKey} made the key for; undefined for any other key. */
export const errorsOfReplayKey = (key: string): string | undefined =>
  /^[^/]+\/replays\/.+\.json$/.test(key) && !key.endsWith(placesEnding)
    ? key.replace(/^([^/]+)\/replays\//, '$1/errors/').replace(/\.json$/, '')
    : undefined;

export const sealedPrefix = (table: string): string => tableFolder(table, 'sealed');

/**
 * Returns the key of the marker that is PUT when a day is sealed, and when a sealed day's rows change. Its PUT starts
 * what waits for the day.
 */
export const sealedMarkerKey = (table: string, date: LakeDate): string =>
  `${sealedPrefix(table)}dt=${date}.json`;

/** Returns the location of a table's Iceberg metadata, without a slash at its end, as engines expect it. */
export const icebergPrefix = (table: string): string => `${table}/iceberg`;

/** Returns the folder of the files that describe a table to other engines, including those that list deleted rows. */
export const icebergMetadataPrefix = (table: string): string => `${icebergPrefix(table)}/metadata/`;

/** Prefix of all reference tables. */
export const referencesPrefix = 'reference/';

/** Returns the folder of a reference table, which holds only {@link referenceKey}. */
export const referencePrefix = (reference: string): string => `${referencesPrefix}${reference}/`;

/** Returns the key of a reference table's rows: one object, so that one PUT replaces them. */
export const referenceKey = (reference: string): string =>
  `${referencePrefix(reference)}${reference}.parquet`;

export const referenceVersionsPrefix = (reference: string): string =>
  `reference-versions/${reference}/`;

/** Returns the key of a version of a reference table. @param version sorts by time, as text */
export const referenceVersionKey = (reference: string, version: string): string =>
  `${referenceVersionsPrefix(reference)}${version}.parquet`;

/** Prefix of the results of all joins. */
export const resultsPrefix = 'results/';

/** Returns the prefix of everything that the runs of a join wrote, by day and run. */
export const resultPrefix = (join: string): string => `${resultsPrefix}${join}/`;

/** Returns the prefix of what one run wrote. It counts once the day's {@link resultSymlinkKey} names its files. */
export const resultRunPrefix = (join: string, date: LakeDate, run: string): string =>
  `${resultPrefix(join)}dt=${date}/run=${run}/`;

/** Returns the day and the run of a key below {@link resultPrefix}; undefined where no run wrote it. */
export function resultRunOfKey(
  key: string,
): { readonly join: string; readonly date: LakeDate; readonly run: string } | undefined {
  const found = /^results\/([^/]+)\/dt=(\d{4}-\d{2}-\d{2})\/run=([^/]+)\//.exec(key);
  const [, join, date, run] = found ?? [];
  return join && date && run ? { join, date, run } : undefined;
}

/** Returns the location of a result table in SQL: a folder for each day, with one list of files. */
export const resultSymlinkPrefix = (join: string): string => `${resultPrefix(join)}symlinks/`;

/** Returns the key of the list of files that make up a join's result for a day. One PUT replaces the run. */
export const resultSymlinkKey = (join: string, date: LakeDate): string =>
  `${resultSymlinkPrefix(join)}dt=${date}/symlink.txt`;

/** Prefix of the results that Athena writes for its callers; they expire. */
export const queryResultsPrefix = 'query-results/';

/** Returns the date in the `dt=` part of a key; undefined where the key has none. */
export const dateOfKey = (key: string): LakeDate | undefined =>
  /(?:^|\/)dt=(\d{4}-\d{2}-\d{2})(?:[/.]|$)/.exec(key)?.[1];

/** Returns the UTC date of a moment in milliseconds since 1970. */
export const lakeDate = (ms: number): LakeDate => new Date(ms).toISOString().slice(0, 10);

/** Returns the day that is a number of days after another; before it where the number is negative. */
export function dayAfter(date: LakeDate, days: number): LakeDate {
  const day = new Date(date);
  return lakeDate(day.setUTCDate(day.getUTCDate() + days));
}
