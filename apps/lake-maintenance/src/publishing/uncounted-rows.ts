// Finds the rows that a look-up does not count, so that an engine can leave them out. A day of several runs holds
// some rows in two files: those that an interrupted merge has written already, and events that were delivered twice.
// A look-up counts each of them once.
import { castColumn } from '@sluice/columns';
import { eventIdColumn, ingestedAtColumn, keyColumn, type EventType } from '@sluice/event-schema';
import { keyOrder, type CompactedFile, type KeyOrder, type ObjectStore } from '@sluice/lake-layout';
import { Vector } from 'apache-arrow';
import pMap from 'p-map';
import { keyTexts } from '../compaction/key-text';
import { readKeyTable } from '../compaction/read-parquet';

export interface UncountedRowsOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  /** Decides whether a file is known to begin with the row of its smallest key. */
  readonly beginsAtMinKey: (file: CompactedFile) => boolean;
  /** Memory of earlier calls. @default none */
  readonly memory?: DayMemory;
}

/** Positions of rows that don't count, ascending, by the key of their file; files without such rows are left out. */
export type UncountedRows = ReadonlyMap<string, readonly number[]>;

/** Facts about a day's files from earlier calls, so that each file is read once. */
export class DayMemory {
  /** Known files, by key and smallest key. */
  readonly files = new Map<string, KnownFile>();
  /** Files that share a hash, by the hash. */
  readonly shared = new Map<number, Set<string>>();

  get bytes(): number {
    let sum = 0;
    for (const { hashes } of this.files.values()) sum += hashes.byteLength;
    return sum;
  }
}

interface KnownFile {
  readonly file: CompactedFile;
  /** Position of the first row that counts. */
  readonly begin: number;
  /** Hash of the key and the `event_id` of each row; NaN for rows that can't have duplicates. */
  readonly hashes: Float64Array;
}

const filesAtOnce = 4;

/**
 * Finds the rows of a day that don't count: rows before their file's smallest key, and, of rows with the same key and
 * `event_id`, all but the one that was ingested first.
 *
 * It reads the key columns of files whose range overlaps a file of another run, and of files that may begin before
 * their smallest key. A sealed day has neither, and costs nothing.
 */
export async function uncountedRows(
  files: readonly CompactedFile[],
  { store, eventType, beginsAtMinKey, memory = new DayMemory() }: UncountedRowsOptions,
): Promise<UncountedRows> {
  const order = keyOrder(keyColumn(eventType).type);
  const present = new Map(files.map((file) => [memoryKey(file), file]));
  forget(memory, present);

  const meeting = filesThatMeet(files, order);
  const wanted = files.filter(
    (file) => !memory.files.has(memoryKey(file)) && (meeting.has(file) || !beginsAtMinKey(file)),
  );
  const loaded = new Map<string, FileRows>();
  await pMap(
    wanted,
    async (file) => {
      const rows = await readFileRows(file, { store, eventType, order });
      // Where there are many files, it is cheaper to read a few again.
      if (loaded.size < filesAtOnce) loaded.set(memoryKey(file), rows);
      memory.files.set(memoryKey(file), { file, begin: rows.begin, hashes: rows.hashes });
    },
    { concurrency: filesAtOnce },
  );
  shareHashes(memory, new Set(wanted.map(memoryKey)));

  const uncounted = new Map<string, number[]>();
  for (const { file, begin } of memory.files.values())
    if (begin > 0)
      uncounted.set(
        file.key,
        Array.from({ length: begin }, (_, row) => row),
      );
  await addDoubles(uncounted, memory, async (key, file) => {
    const known = loaded.get(key);
    return known ?? (await readFileRows(file, { store, eventType, order }));
  });
  for (const rows of uncounted.values()) rows.sort((a, b) => a - b);
  return uncounted;
}

const memoryKey = ({ key, minKey }: CompactedFile): string => `${key}\n${minKey}`;

function forget(memory: DayMemory, present: ReadonlyMap<string, CompactedFile>): void {
  for (const [key, known] of memory.files) {
    const file = present.get(key);
    if (file) memory.files.set(key, { ...known, file });
    else memory.files.delete(key);
  }
  for (const [hash, keys] of memory.shared) {
    for (const key of keys) if (!present.has(key)) keys.delete(key);
    if (keys.size < 2) memory.shared.delete(hash);
  }
}

/** Returns the files whose key range overlaps that of a file of another run. */
function filesThatMeet(
  files: readonly CompactedFile[],
  order: KeyOrder,
): ReadonlySet<CompactedFile> {
  const meeting = new Set<CompactedFile>();
  const sorted = [...files].sort((a, b) => order(a.minKey, b.minKey));
  let open: CompactedFile[] = [];
  for (const file of sorted) {
    open = open.filter(({ maxKey }) => order(maxKey, file.minKey) >= 0);
    for (const other of open)
      if (other.run !== file.run) {
        meeting.add(other);
        meeting.add(file);
      }
    open.push(file);
  }
  return meeting;
}

interface FileRows extends KnownFile {
  /** Identity of each row: its key and its `event_id`; null where it can't have duplicates. */
  readonly identities: readonly (string | null)[];
  readonly ingestedAtMs: Float64Array;
}

async function readFileRows(
  file: CompactedFile,
  {
    store,
    eventType,
    order,
  }: {
    readonly store: Pick<ObjectStore, 'get'>;
    readonly eventType: EventType;
    readonly order: KeyOrder;
  },
): Promise<FileRows> {
  const { bytes } = await store.get(file.key, { ifMatch: file.etag });
  const keyOf = keyColumn(eventType);
  const columns = [keyOf, eventIdColumn, ingestedAtColumn];
  const table = readKeyTable(
    bytes,
    columns.map(({ name }) => name),
  );
  const hashes = new Float64Array(table.numRows).fill(NaN);
  const ingestedAtMs = new Float64Array(table.numRows);
  const identities = new Array<string | null>(table.numRows).fill(null);
  let begin = 0;
  let start = 0;
  for (const batch of table.batches) {
    const [keys, eventIds, arrivals] = columns.map((column) => {
      const at = batch.schema.fields.findIndex(({ name }) => name === column.name);
      const data = batch.data.children[at];
      if (!data) throw new Error(`${file.key} has no column ${column.name}`);
      return new Vector([castColumn(data, column)]);
    });
    if (!keys || !eventIds || !arrivals) continue;
    const keyText = keyTexts(keys, keyOf.type);
    for (let index = 0; index < batch.numRows; index++) {
      const row = start + index;
      const key = keyText(index);
      if (begin === row && order(key, file.minKey) < 0) {
        begin++;
        continue;
      }
      const eventId = eventIds.get(index) as string | null;
      if (eventId === null) continue;
      const identity = `${keys.isValid(index) ? key.length : 'none'}:${key}${eventId}`;
      identities[row] = identity;
      hashes[row] = hash53(identity);
      ingestedAtMs[row] = Number(arrivals.get(index) ?? 0);
    }
    start += batch.numRows;
  }
  return { file, begin, hashes, identities, ingestedAtMs };
}

/** Returns 53 bits of a text's hash. Rows with equal hashes are compared, so a collision only costs time. */
function hash53(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 2 ** 32 * (2_097_151 & low) + (high >>> 0);
}

/** Notes which hashes of the new files occur in other files as well. */
function shareHashes(memory: DayMemory, fresh: ReadonlySet<string>): void {
  if (fresh.size === 0) return;
  /** For each hash, the only file that is known to have it. */
  const owners = new Map<number, string>();
  const share = (hash: number, key: string, owner: string): void => {
    const keys = memory.shared.get(hash) ?? new Set();
    memory.shared.set(hash, keys.add(owner).add(key));
  };
  for (const key of fresh)
    for (const hash of memory.files.get(key)?.hashes ?? []) {
      if (Number.isNaN(hash)) continue;
      const owner = owners.get(hash);
      if (owner === undefined) owners.set(hash, key);
      else if (owner !== key) share(hash, key, owner);
    }
  for (const [key, { hashes }] of memory.files) {
    if (fresh.has(key)) continue;
    for (const hash of hashes) {
      const owner = owners.get(hash);
      if (owner !== undefined) share(hash, key, owner);
    }
  }
}

interface Copy {
  readonly file: string;
  readonly row: number;
  readonly run: number;
  readonly ingestedAtMs: number;
}

/** Adds all rows of an event except the one that was ingested first. */
async function addDoubles(
  uncounted: Map<string, number[]>,
  memory: DayMemory,
  rowsOf: (key: string, file: CompactedFile) => Promise<FileRows>,
): Promise<void> {
  const hashesByFile = new Map<string, Set<number>>();
  for (const [hash, keys] of memory.shared)
    for (const key of keys) {
      const hashes = hashesByFile.get(key) ?? new Set();
      hashesByFile.set(key, hashes.add(hash));
    }
  const copies = new Map<string, Copy[]>();
  for (const [key, hashes] of hashesByFile) {
    const known = memory.files.get(key);
    if (!known) continue;
    const { identities, ingestedAtMs } = await rowsOf(key, known.file);
    for (const [row, hash] of known.hashes.entries()) {
      const identity = hashes.has(hash) ? identities[row] : undefined;
      if (identity === undefined || identity === null) continue;
      const { key: file, run } = known.file;
      const copy = { file, row, run, ingestedAtMs: ingestedAtMs[row] ?? 0 };
      copies.set(identity, [...(copies.get(identity) ?? []), copy]);
    }
  }
  for (const ofEvent of copies.values()) {
    const [, ...later] = ofEvent.sort((a, b) => a.ingestedAtMs - b.ingestedAtMs || a.run - b.run);
    for (const { file, row } of later) {
      const rows = uncounted.get(file);
      if (rows) rows.push(row);
      else uncounted.set(file, [row]);
    }
  }
}
