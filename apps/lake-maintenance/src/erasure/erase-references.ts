// Removes people from reference tables whose definitions say which values name them.
import type { ReferenceTable } from '@sluice/event-schema';
import {
  findObject,
  referencePrefix,
  referenceVersionsPrefix,
  repeatOnConflict,
  type ObjectStore,
} from '@sluice/lake-layout';
import { referenceLayout, streamParquet } from '@sluice/parquet-writing';
import type { HashKeys } from '@sluice/privacy';
import { columnsOfReference, type SubjectColumn } from '@sluice/privacy/erasures';
import { comparedText } from '@sluice/stored-people';
import type { Table } from 'apache-arrow';
import { setImmediate as pause } from 'node:timers/promises';
import { readKeyTable, readParquetBlocks } from '../compaction/read-parquet';

export interface EraseReferencesOptions {
  readonly store: ObjectStore;
  /** Reference tables with a subject. */
  readonly references: readonly ReferenceTable[];
  /** Name of each of the people, in clear. */
  readonly subjects: readonly { readonly subject: string }[];
  /** Keys for hashes of the names, which are searched for too. @default only names in clear */
  readonly hashKeys?: HashKeys | undefined;
  /** True to report what would be removed, without changing anything. @default false */
  readonly dryRun?: boolean;
}

export interface ReferenceErasure {
  readonly reference: string;
  readonly dryRun: boolean;
  /** Number of rows that named the person. */
  readonly rows: number;
  /** Keys of the files that held them; they are rewritten without those rows. */
  readonly files: readonly string[];
  /** Number of kept versions that held the person; they are deleted. */
  readonly versions: number;
}

/** Largest number of attempts to replace a file that others are replacing too. */
const maxAttempts = 5;

/** Rows that are decoded at a time. */
const rowsAtOnce = 122_880;

const contentType = 'application/vnd.apache.parquet';

/**
 * Removes the rows of some people from reference tables. The table's file is replaced by one without them, so that a
 * reader finds either the old or the new rows; kept versions that name one of the people are deleted. All other rows
 * keep their order and all their columns, even those that the definition lacks.
 *
 * A file that is put later is not covered: whoever puts it removes suppressed people by {@link withoutPeople}.
 *
 * @returns what was done for each of the people, in their order, by reference table
 */
export async function eraseReferences({
  store,
  references,
  subjects,
  hashKeys,
  dryRun = false,
}: EraseReferencesOptions): Promise<readonly (readonly ReferenceErasure[])[]> {
  const reports = subjects.map((): ReferenceErasure[] => []);
  for (const reference of references) {
    const { name } = reference;
    const people = subjects.map(({ subject }) => columnsOfReference(reference, subject, hashKeys));
    const made = subjects.map(() => ({ rows: 0, files: [] as string[], versions: 0 }));
    for (const key of await keysBelow(store, referencePrefix(name)))
      for (const [person, rows] of await takeOut(store, key, { people, dryRun })) {
        const one = made[person];
        one?.files.push(key);
        if (one) one.rows += rows;
      }
    const held: string[] = [];
    for (const key of await keysBelow(store, referenceVersionsPrefix(name))) {
      const found = rowsOfPeople(key, (await findObject(store, key))?.bytes, people);
      for (const person of found.byPerson.keys()) {
        const one = made[person];
        if (one) one.versions++;
      }
      if (found.rows.size > 0) held.push(key);
    }
    if (!dryRun && held.length > 0) await store.delete(held);
    for (const [person, one] of made.entries())
      reports[person]?.push({ reference: name, dryRun, ...one });
  }
  return reports;
}

async function keysBelow(store: ObjectStore, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) if (key.endsWith('.parquet')) keys.push(key);
  return keys;
}

/** Removes the rows of people from a file. @returns their number by the position of the person */
async function takeOut(
  store: ObjectStore,
  key: string,
  {
    people,
    dryRun,
  }: { readonly people: readonly (readonly SubjectColumn[])[]; readonly dryRun: boolean },
): Promise<ReadonlyMap<number, number>> {
  // Another file that is put meanwhile may hold them as well.
  return repeatOnConflict(maxAttempts, async () => {
    const stored = await findObject(store, key);
    const { rows, byPerson } = rowsOfPeople(key, stored?.bytes, people);
    if (!stored || rows.size === 0 || dryRun) return byPerson;
    const bytes = await withoutRows(stored.bytes, rows);
    await store.put(key, bytes, { contentType, ifMatch: stored.etag });
    return byPerson;
  });
}

interface FoundRows {
  /** Positions of the rows that name one of the people. */
  readonly rows: ReadonlySet<number>;
  /** Number of rows by the position of the person whom they name. */
  readonly byPerson: ReadonlyMap<number, number>;
}

/** Finds the rows of a file that name people. @param bytes undefined where the file is gone */
function rowsOfPeople(
  key: string,
  bytes: Uint8Array | undefined,
  people: readonly (readonly SubjectColumn[])[],
): FoundRows {
  const rows = new Set<number>();
  const byPerson = new Map<number, number>();
  const columns = [
    ...new Map(people.flat().map(({ column }) => [column.name, column] as const)).values(),
  ];
  if (!bytes || columns.length === 0) return { rows, byPerson };
  const names = columns.map(({ name }) => name);
  let table: Table;
  try {
    table = readKeyTable(bytes, names);
  } catch (error) {
    throw new Error(
      `${key} can't be read, so nobody can be taken out of it: put the table anew, or delete the file (${(error as Error).message})`,
      { cause: error },
    );
  }
  const named = new Map<number, Set<number>>();
  for (const column of columns) {
    const values = table.getChild(column.name);
    if (!values) continue;
    const wanted = new Map<string, number[]>();
    for (const [person, naming] of people.entries())
      for (const { texts } of naming.filter((one) => one.column.name === column.name))
        for (const text of texts) wanted.set(text, [...(wanted.get(text) ?? []), person]);
    let row = 0;
    for (const value of values as Iterable<unknown>) {
      if (value !== null)
        for (const person of wanted.get(comparedText(column, value)) ?? [])
          named.set(row, (named.get(row) ?? new Set<number>()).add(person));
      row++;
    }
  }
  for (const [row, persons] of named) {
    rows.add(row);
    for (const person of persons) byPerson.set(person, (byPerson.get(person) ?? 0) + 1);
  }
  return { rows, byPerson };
}

/**
 * Removes the rows of a reference table's file that name certain people.
 *
 * @param isGone decides whether a text names one of them
 * @returns the file, unchanged where no row names them, and the number of removed rows
 */
export async function withoutPeople(
  bytes: Uint8Array,
  reference: ReferenceTable,
  isGone: (text: string) => boolean,
): Promise<{ readonly bytes: Uint8Array; readonly leftOut: number }> {
  const rows = new Set<number>();
  const columns = columnsOfReference(reference, '', undefined).map(({ column }) => column);
  const table = readKeyTable(
    bytes,
    columns.map(({ name }) => name),
  );
  for (const column of columns) {
    let row = 0;
    for (const value of (table.getChild(column.name) ?? []) as Iterable<unknown>) {
      if (value !== null && isGone(comparedText(column, value))) rows.add(row);
      row++;
    }
  }
  return { bytes: rows.size === 0 ? bytes : await withoutRows(bytes, rows), leftOut: rows.size };
}

/** Rewrites a file without some of its rows. @param gone their positions */
async function withoutRows(bytes: Uint8Array, gone: ReadonlySet<number>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamParquet(partsBetween(bytes, gone), referenceLayout))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Yields the rows of a file in their order, except for some. */
async function* partsBetween(bytes: Uint8Array, gone: ReadonlySet<number>): AsyncGenerator<Table> {
  let before = 0;
  for (const block of readParquetBlocks(bytes, rowsAtOnce)) {
    // Even without rows, a table with the file's columns is yielded.
    if (before === 0) yield block.slice(0, 0);
    let start = 0;
    for (let row = 0; row <= block.numRows; row++) {
      if (row < block.numRows && !gone.has(before + row)) continue;
      if (row > start) yield block.slice(start, row);
      start = row + 1;
    }
    before += block.numRows;
    await pause();
  }
}
