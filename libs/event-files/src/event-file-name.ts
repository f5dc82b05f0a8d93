import { basename } from 'node:path';

const endings = /\.(?:(json|ndjson|jsonl|csv|tsv)(?:\.gz)?|(parquet))$/i;

/**
 * Returns the extension that names the format of a file of events, in lower case and without `.gz`; undefined for any
 * other file.
 */
export function eventFileEnding(path: string): string | undefined {
  const [, text, parquet] = endings.exec(basename(path)) ?? [];
  return (text ?? parquet)?.toLowerCase();
}

/**
 * Decides whether a name is that of a file of events: by its extension, and because it does not begin with `_` or
 * `.`, like the marker files of Hive and Spark.
 */
export const isEventFile = (path: string): boolean =>
  eventFileEnding(path) !== undefined && !/^[_.]/.test(basename(path));
