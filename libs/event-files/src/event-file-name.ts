import { basename } from 'node:path';

const endings = /\.(?:(json|ndjson|jsonl|csv|tsv)(?:\.gz)?|(parquet))$/i;

/** Returns the ending by which a file of events says what it is, in lower case and without `.gz`; undefined for any other file. */
export function eventFileEnding(path: string): string | undefined {
  const [, text, parquet] = endings.exec(basename(path)) ?? [];
  return (text ?? parquet)?.toLowerCase();
}

/**
 * Decides whether a name is that of a file of events: by its ending, and not begun with `_` or `.`, as the marks that Hive and Spark leave
 * beside their files.
 */
export const isEventFile = (path: string): boolean =>
  eventFileEnding(path) !== undefined && !/^[_.]/.test(basename(path));
