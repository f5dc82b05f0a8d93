import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { countText } from '@sluice/values/figures';
import { fastParseSequence, fastStringifySequence } from './sequence-numbers';
import {
  liveFiles,
  logEntries,
  readLog,
  readTable,
  tableEntries,
  type DamagedSpan,
  type LevelEntry,
} from './leveldb-files';

/** A stream that the stack expects to exist. */
export interface KnownStream {
  readonly name: string;
  readonly shards: number;
  /** Sequence number of the last delivered record, by shard id; the lowest where there are several deliveries. */
  readonly positions: ReadonlyMap<string, string>;
}

export interface RepairedStreams {
  readonly damages: readonly string[];
  /**
   * Number of undelivered sequence numbers without a readable record: lost events, and perhaps a request that a kill
   * cut off.
   */
  readonly missing: number;
  /** Number of records that may still be delivered. */
  readonly readable: number;
  /** Folder to which the damaged database was moved. */
  readonly keptIn: string;
}

/** Number of sequence numbers that are skipped, so that no new record gets the number of a lost one. */
const numbersLeftOut = 2 ** 40;

/** Number of shards that share one counter of sequence numbers in kinesalite. */
const shardsOfACount = 5;

/**
 * Checks every byte of the streams' database against its checksums, because LevelDB silently skips a damaged part of
 * its log, and returns values from a damaged table. Where there is damage, moves all readable data into a new
 * database.
 *
 * @param folder of the database, which no process may have open
 * @returns undefined where nothing is damaged
 */
export async function repairStreams(
  folder: string,
  streams: readonly KnownStream[],
): Promise<RepairedStreams | undefined> {
  const draft = `${folder}.draft`;
  // Left by a process that was killed on the way: it is complete where the old database has been moved away.
  if (existsSync(draft)) {
    if (existsSync(folder)) await rm(draft, { recursive: true });
    else await rename(draft, folder);
  }
  const { damages, entries } = await readDatabase(folder);
  if (damages.length === 0) return undefined;
  const newest = newestEntries(entries());
  const repaired = streams.map((stream) => repairStream(newest, stream));
  await writeDatabase(draft, newest);
  // To the millisecond, so that each repair has its own folder.
  const stamp = new Date().toISOString().replaceAll(/[-:.]/g, '');
  const keptIn = join(dirname(folder), `${basename(folder)}-damaged-${stamp}`);
  await rename(folder, keptIn);
  await rename(draft, folder);
  const sum = (count: 'missing' | 'readable'): number =>
    repaired.reduce((total, each) => total + each[count], 0);
  return { damages, missing: sum('missing'), readable: sum('readable'), keptIn };
}

interface Database {
  /** Descriptions of the damage, such as "000005.ldb (31 bytes at 4,096)". */
  readonly damages: readonly string[];
  readonly entries: () => Iterable<LevelEntry>;
}

async function readDatabase(folder: string): Promise<Database> {
  const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
  const damages: string[] = [];
  const damaged = (name: string, spans: readonly DamagedSpan[]): void => {
    for (const { at, bytes } of spans) damages.push(`${name} (${bytes} bytes at ${at})`);
  };
  const readers: (() => Iterable<LevelEntry>)[] = [];
  const manifest = /^MANIFEST-\d+(?=\n$)/.exec(
    names.includes('CURRENT') ? await readFile(join(folder, 'CURRENT'), 'latin1') : '',
  )?.[0];
  const hasFiles = names.some((name) => /\.(ldb|log)$/.test(name));
  let live: ReturnType<typeof liveFiles> | undefined;
  if (manifest !== undefined && names.includes(manifest)) {
    const { records, damaged: spans } = readLog(await readFile(join(folder, manifest)));
    damaged(manifest, spans);
    if (spans.length === 0) live = liveFiles(records);
  } else if (hasFiles) damages.push('CURRENT (names no manifest)');
  for (const number of live?.tables ?? [])
    if (!names.includes(tableName(number))) damages.push(`${tableName(number)} (is missing)`);

  for (const name of names) {
    const number = Number(/^(\d+)\.(?:ldb|log)$/.exec(name)?.[1] ?? NaN);
    if (Number.isNaN(number)) continue;
    const isTable = name.endsWith('.ldb');
    // Files that belong to work which a killed process had begun or had already finished.
    if (live && !(isTable ? live.tables.has(number) : number >= live.firstLog)) continue;
    const bytes = await readFile(join(folder, name));
    if (isTable) {
      const { blocks, damaged: spans } = readTable(bytes);
      damaged(name, spans);
      readers.push(() => blocks.flatMap(tableEntries));
    } else {
      const { records, damaged: spans } = readLog(bytes);
      damaged(name, spans);
      readers.push(() => records.flatMap(logEntries));
    }
  }
  return {
    damages,
    entries: function* () {
      for (const read of readers) yield* read();
    },
  };
}

const tableName = (number: number): string => `${String(number).padStart(6, '0')}.ldb`;

/** Values by key, without those that were deleted. */
type Values = Map<string, Buffer>;

/** Matches kinesalite's keys: of a stream, and of a record by its shard and sequence number. */
const databaseKey = /^!(?:meta![\w.-]+|stream-[\w.-]+![0-9a-f]{8}\/\d{56})$/;

function newestEntries(entries: Iterable<LevelEntry>): Values {
  const newest = new Map<string, LevelEntry>();
  for (const entry of entries)
    if (databaseKey.test(entry.key))
      if (entry.order >= (newest.get(entry.key)?.order ?? -1)) newest.set(entry.key, entry);
  const values: Values = new Map();
  for (const [key, { value }] of newest) if (value) values.set(key, value);
  return values;
}

/** The part of kinesalite's record of a stream that is changed here. */
interface StreamMeta {
  readonly _seqIx: readonly (number | null)[];
}

const notOurs = (): never => {
  throw new RangeError('a sequence number of another version');
};
const parse = fastParseSequence(notOurs);
const stringify = fastStringifySequence(notOurs);

const placeOf = (sequenceNumber: string): { readonly shard: number; readonly index: number } => {
  const { shardIx = 0, seqIx } = parse(sequenceNumber);
  return { shard: shardIx, index: Number(seqIx ?? 0) };
};

/** Sets the counters of a stream above all numbers that they have given, and recreates the stream where it is lost. */
function repairStream(
  values: Values,
  { name, shards, positions }: KnownStream,
): { readonly missing: number; readonly readable: number } {
  const prefix = `!stream-${name}!`;
  const sequenceNumbers = [...values.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(key.indexOf('/') + 1));
  const known = [...sequenceNumbers, ...positions.values()];
  const metaKey = `!meta!${name}`;
  const kept = values.get(metaKey);
  const createdMs = known[0] === undefined ? undefined : parse(known[0]).shardCreateTime;
  if (!kept && createdMs === undefined) return { missing: 0, readable: 0 };
  const meta = kept
    ? (JSON.parse(kept.toString()) as StreamMeta)
    : newStream(name, shards, createdMs ?? 0);

  let missing = 0;
  let readable = 0;
  const counts = meta._seqIx.map((next, count) => {
    const ofCount = (places: Iterable<string>) =>
      [...places].map(placeOf).filter(({ shard }) => Math.floor(shard / shardsOfACount) === count);
    const delivered = new Map(
      ofCount(positions.values()).map(({ shard, index }) => [shard, index] as const),
    );
    const records = ofCount(sequenceNumbers);
    const waiting = records.filter(({ shard, index }) => index > (delivered.get(shard) ?? -1));
    readable += waiting.length;
    const there = new Set([...records.map(({ index }) => index), ...delivered.values()]);
    const end = [...there].reduce((last, index) => Math.max(last, index + 1), next ?? 0);
    // Shards are read at the same pace: when one shard has delivered a number, the others have passed it too.
    missing += gaps(there, Math.max(-1, ...delivered.values()) + 1, end);
    return end + numbersLeftOut;
  });
  values.set(metaKey, Buffer.from(JSON.stringify({ ...meta, _seqIx: counts })));
  return { missing, readable };
}

/**
 * Counts the numbers from `from` (inclusive) to `to` (exclusive) that are missing, apart from those that an earlier
 * repair skipped.
 */
function gaps(there: ReadonlySet<number>, from: number, to: number): number {
  let missing = 0;
  let next = from;
  for (const index of [...there].filter((one) => one >= from).sort((a, b) => a - b)) {
    if (index - next < numbersLeftOut) missing += index - next;
    next = index + 1;
  }
  return missing + (to - next < numbersLeftOut ? to - next : 0);
}

/** Returns kinesalite's record of a new stream. */
function newStream(name: string, shards: number, createdMs: number): StreamMeta {
  const width = 2n ** 128n / BigInt(shards);
  return {
    RetentionPeriodHours: 24,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
    HasMoreShards: false,
    Shards: Array.from({ length: shards }, (_, shardIx) => ({
      HashKeyRange: {
        StartingHashKey: String(width * BigInt(shardIx)),
        EndingHashKey: String(
          (shardIx === shards - 1 ? 2n ** 128n : width * BigInt(shardIx + 1)) - 1n,
        ),
      },
      SequenceNumberRange: {
        StartingSequenceNumber: stringify({ shardCreateTime: createdMs, shardIx }),
      },
      ShardId: `shardId-${String(shardIx).padStart(12, '0')}`,
    })),
    StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`,
    StreamName: name,
    StreamStatus: 'ACTIVE',
    StreamCreationTimestamp: Math.floor(createdMs / 1000),
    _seqIx: new Array<null>(Math.ceil(shards / shardsOfACount)).fill(null),
    _tags: {},
  } as StreamMeta;
}

const entriesAWrite = 1_000;

/** The part of kinesalite's database module that is used here. The module has no types of its own. */
interface KinesaliteDb {
  create(options: { readonly path: string }): {
    readonly db: {
      batch(
        entries: readonly { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer }[],
        options: { readonly sync: boolean },
      ): Promise<void>;
      close(): Promise<void>;
    };
  };
}

const kinesaliteDbModule = 'kinesalite/db/index.js';

async function writeDatabase(folder: string, values: Values): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { default: kinesaliteDb } = (await import(kinesaliteDbModule)) as {
    readonly default: KinesaliteDb;
  };
  const { db } = kinesaliteDb.create({ path: folder });
  const entries = [...values].map(
    ([key, value]) => ({ type: 'put', key: Buffer.from(key, 'latin1'), value }) as const,
  );
  try {
    for (let at = 0; at < entries.length; at += entriesAWrite)
      await db.batch(entries.slice(at, at + entriesAWrite), { sync: true });
  } finally {
    await db.close();
  }
}

/** Describes a repair to the user in a sentence or two. */
export function repairText(folder: string, repaired: RepairedStreams): string {
  const { damages, missing, readable, keptIn } = repaired;
  const shown = damages.slice(0, 3).join(', ');
  const others = damages.length > 3 ? ` and ${damages.length - 3} more places` : '';
  return (
    `the stream's log in ${folder} is damaged: ${shown}${others}. ` +
    `About ${countText(missing)} events that were not delivered yet are missing; ${countText(readable)} could be read and are delivered now. ` +
    `The damaged files are kept in ${keptIn}, which can be deleted`
  );
}
