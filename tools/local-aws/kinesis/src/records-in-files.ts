import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logEntries, readLog, readTable, tableEntries, type LevelEntry } from './leveldb-files';

/**
 * Returns the data of every record whose bytes are in the files of a database of streams, as texts: including dropped
 * records, and files that no longer belong to the database.
 */
export const recordsInFiles = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) =>
    entriesOf(name, join(folder, name)).flatMap(({ key, value }) =>
      key.startsWith('!stream-') && value ? dataOf(value) : [],
    ),
  );

function entriesOf(name: string, path: string): readonly LevelEntry[] {
  if (name.endsWith('.log')) return readLog(readFileSync(path)).records.flatMap(logEntries);
  if (name.endsWith('.ldb')) return readTable(readFileSync(path)).blocks.flatMap(tableEntries);
  return [];
}

const dataOf = (value: Buffer): string => {
  const { Data } = JSON.parse(value.toString()) as { readonly Data: string };
  return Buffer.from(Data, 'base64').toString();
};
