// Checks LevelDB's files against their checksums, which LevelDB itself does not check on reading, or ignores
// silently. Source: LevelDB's doc/log_format.md, doc/table_format.md, db/version_edit.cc and db/write_batch.cc.
import { snappyUncompress } from 'hyparquet/src/snappy.js';

/** Range of bytes in a file that differ from what was written. */
export interface DamagedSpan {
  readonly at: number;
  readonly bytes: number;
}

/** The value to which a key was set; no value where the key was deleted. */
export interface LevelEntry {
  /** Key, with one character for each byte. */
  readonly key: string;
  /** Sequence number of the entry in its database. The highest one of a key is valid. */
  readonly order: number;
  readonly value: Buffer | undefined;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function crc32c(bytes: Buffer, from: number, to: number): number {
  let crc = -1;
  for (let at = from; at < to; at++)
    crc = (crcTable[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Returns a checksum in the masked form in which LevelDB stores it. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

const logBlockBytes = 32_768;
const logHeaderBytes = 7;

/** Types of fragments of a record. */
const fragment = { whole: 1, first: 2, middle: 3, last: 4 } as const;

/**
 * Reads a log, or a manifest, which has the same form. An incomplete record at the end of the file is no damage: it
 * was being written when its process was killed.
 *
 * @returns the intact records, in order
 */
export function readLog(log: Buffer): {
  readonly records: readonly Buffer[];
  readonly damaged: readonly DamagedSpan[];
} {
  const records: Buffer[] = [];
  const damaged: DamagedSpan[] = [];
  /** Fragments of a record whose end has not been read yet. */
  let parts: Buffer[] | undefined;
  let at = 0;
  while (at + logHeaderBytes <= log.length) {
    const blockEnd = Math.min(log.length, at - (at % logBlockBytes) + logBlockBytes);
    if (blockEnd - at < logHeaderBytes) {
      at = blockEnd;
      continue;
    }
    // Space that was reserved and never written.
    if (log.subarray(at, at + logHeaderBytes).every((byte) => byte === 0)) {
      parts = undefined;
      at = blockEnd;
      continue;
    }
    const end = fragmentEnd(log, at, blockEnd);
    if (end === undefined) {
      let next = at + 1;
      while (next < blockEnd && fragmentEnd(log, next, blockEnd) === undefined) next++;
      if (next < blockEnd || !isCutOff(log, at, blockEnd)) damaged.push({ at, bytes: next - at });
      parts = undefined;
      at = next;
      continue;
    }
    const payload = log.subarray(at + logHeaderBytes, end);
    const type = log[at + 6];
    if (type === fragment.whole) records.push(payload);
    else if (type === fragment.first) parts = [payload];
    else parts?.push(payload);
    if (type === fragment.last && parts) records.push(Buffer.concat(parts));
    if (type === fragment.whole || type === fragment.last) parts = undefined;
    at = end;
  }
  return { records, damaged };
}

/**
 * Returns the end (exclusive) of the fragment that begins at a position; undefined where there is none, or its
 * checksum is wrong.
 */
function fragmentEnd(log: Buffer, at: number, blockEnd: number): number | undefined {
  if (at + logHeaderBytes > blockEnd) return undefined;
  const type = log[at + 6] ?? 0;
  const end = at + logHeaderBytes + log.readUInt16LE(at + 4);
  if (type < fragment.whole || type > fragment.last || end > blockEnd) return undefined;
  return masked(crc32c(log, at + 6, end)) === log.readUInt32LE(at) ? end : undefined;
}

/**
 * Decides whether the last fragment of a file is incomplete because its writing was interrupted, rather than because
 * its length was damaged.
 */
function isCutOff(log: Buffer, at: number, blockEnd: number): boolean {
  if (blockEnd !== log.length) return false;
  const end = at + logHeaderBytes + log.readUInt16LE(at + 4);
  return end > log.length && masked(crc32c(log, at + 6, log.length)) !== log.readUInt32LE(at);
}

const trailerBytes = 5;
const footerBytes = 48;
const tableMagic = 0xdb4775248b80fb57n;

/** Reads a table. @returns its intact data blocks, still compressed */
export function readTable(table: Buffer): {
  readonly blocks: readonly Buffer[];
  readonly damaged: readonly DamagedSpan[];
} {
  const damaged: DamagedSpan[] = [];
  const checked = ({ at, bytes }: DamagedSpan): Buffer | undefined => {
    const end = at + bytes;
    const isWhole =
      end + trailerBytes <= table.length &&
      masked(crc32c(table, at, end + 1)) === table.readUInt32LE(end + 1);
    if (isWhole) return table.subarray(at, end + 1);
    damaged.push({ at, bytes: Math.max(0, Math.min(bytes, table.length - at)) });
    return undefined;
  };
  const footerAt = table.length - footerBytes;
  if (footerAt < 0 || table.readBigUInt64LE(table.length - 8) !== tableMagic) {
    damaged.push({ at: Math.max(0, footerAt), bytes: Math.min(footerBytes, table.length) });
    return { blocks: blocksInARow(table), damaged };
  }
  const footer = new Cursor(table.subarray(footerAt));
  const meta = checked(footer.handle());
  const index = checked(footer.handle());
  // The meta index names the filter block.
  if (meta) for (const { value } of blockEntries(meta)) checked(new Cursor(value).handle());
  if (!index) return { blocks: blocksInARow(table), damaged };
  const blocks = blockEntries(index).flatMap(
    ({ value }) => checked(new Cursor(value).handle()) ?? [],
  );
  return { blocks, damaged };
}

/** Finds the data blocks of a table whose index is lost, by their checksums, up to the first damaged block. */
function blocksInARow(table: Buffer): readonly Buffer[] {
  const blocks: Buffer[] = [];
  let start = 0;
  let crc = -1;
  for (let at = 0; at + trailerBytes <= table.length; at++) {
    crc = (crcTable[(crc ^ (table[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
    if (masked(~crc >>> 0) !== table.readUInt32LE(at + 1)) continue;
    blocks.push(table.subarray(start, at + 1));
    at += trailerBytes - 1;
    start = at + 1;
    crc = -1;
  }
  // The last block of a table is its index.
  if (start === table.length - footerBytes) blocks.pop();
  return blocks.filter(holdsData);
}

/** Decides whether a block can be read as a data block. The filter and the meta index hold no keys of the database. */
function holdsData(block: Buffer): boolean {
  try {
    return blockEntries(block).every(({ key }) => key.length > 8 && key[0] === databaseKey);
  } catch {
    return false;
  }
}

/** First character of every key: subleveldown's `!`. */
const databaseKey = 0x21;

/** Returns the entries of a block. @param block followed by the byte that says how it is compressed */
function blockEntries(block: Buffer): readonly { readonly key: Buffer; readonly value: Buffer }[] {
  const bytes = uncompressed(block);
  const restarts = bytes.readUInt32LE(bytes.length - 4);
  const cursor = new Cursor(bytes.subarray(0, bytes.length - 4 - 4 * restarts));
  const entries: { key: Buffer; value: Buffer }[] = [];
  let key: Buffer = Buffer.alloc(0);
  while (!cursor.isAtEnd) {
    const shared = cursor.varint();
    const own = cursor.varint();
    const valueBytes = cursor.varint();
    key = Buffer.concat([key.subarray(0, shared), cursor.take(own)]);
    entries.push({ key, value: cursor.take(valueBytes) });
  }
  return entries;
}

function uncompressed(block: Buffer): Buffer {
  const data = block.subarray(0, -1);
  if (block.at(-1) !== 1) return data;
  const plain = Buffer.alloc(new Cursor(data).varint());
  snappyUncompress(data, plain);
  return plain;
}

/** Returns the entries of a data block. @param block one of {@link readTable} */
export const tableEntries = (block: Buffer): readonly LevelEntry[] =>
  blockEntries(block).flatMap(({ key, value }) => {
    if (key.length < 8) return [];
    // The last eight bytes hold the entry's sequence number, and whether it sets or deletes.
    const place = key.readBigUInt64LE(key.length - 8);
    return {
      key: key.toString('latin1', 0, key.length - 8),
      order: Number(place >> 8n),
      value: (place & 0xffn) === 1n ? value : undefined,
    };
  });

/** Returns the entries of a log record. @param record one of {@link readLog} */
export function logEntries(record: Buffer): readonly LevelEntry[] {
  const first = Number(record.readBigUInt64LE(0));
  const cursor = new Cursor(record.subarray(12));
  const entries: LevelEntry[] = [];
  while (!cursor.isAtEnd) {
    const isSet = cursor.varint() === 1;
    const key = cursor.text().toString('latin1');
    const value = isSet ? cursor.text() : undefined;
    entries.push({ key, order: first + entries.length, value });
  }
  return entries;
}

/** File numbers, taken from a manifest, of the files that make up the database. */
export interface LiveFiles {
  readonly tables: ReadonlySet<number>;
  /** Logs with a lower number are in the tables already. */
  readonly firstLog: number;
}

/** Returns the files that make up the database. @param records of a manifest; see {@link readLog} */
export function liveFiles(records: readonly Buffer[]): LiveFiles {
  const tables = new Set<number>();
  let firstLog = 0;
  for (const record of records) {
    const cursor = new Cursor(record);
    while (!cursor.isAtEnd) {
      const tag = cursor.varint();
      if (tag === 1) cursor.text();
      else if (tag === 2) firstLog = cursor.varint();
      else if (tag === 3 || tag === 4 || tag === 9) cursor.varint();
      else {
        cursor.varint();
        if (tag === 5) cursor.text();
        else if (tag === 6) tables.delete(cursor.varint());
        else {
          tables.add(cursor.varint());
          cursor.varint();
          cursor.text();
          cursor.text();
        }
      }
    }
  }
  return { tables, firstLog };
}

/** Reads LevelDB's basic encodings one after another. */
class Cursor {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes.readUInt8(this.#at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  take(bytes: number): Buffer {
    return this.bytes.subarray(this.#at, (this.#at += bytes));
  }

  /** Reads bytes that are preceded by their length. */
  text(): Buffer {
    return this.take(this.varint());
  }

  /** Reads the position of a block in its table. */
  handle(): DamagedSpan {
    return { at: this.varint(), bytes: this.varint() };
  }
}
