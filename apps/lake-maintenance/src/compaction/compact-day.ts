import { randomUUID } from 'node:crypto';
import { tableName, type EventType } from '@sluice/event-schema';
import {
  commitManifest,
  PreconditionFailedError,
  rawFileToken,
  rawPrefix,
  readManifest,
  type CompactedFile,
  type LakeDate,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
  type StoredManifest,
} from '@sluice/lake-layout';
import pMap from 'p-map';
import { planStep, type CompactionStep } from './plan-step';
import { readParquetTable } from './read-parquet';
import { RowSet } from './row-set';
import { sweepDay } from './sweep-day';
import { writeRun } from './write-run';

export interface CompactDayOptions {
  readonly store: ObjectStore;
  readonly eventType: EventType;
  readonly date: LakeDate;
  /**
   * Seals the day whatever the time. Otherwise it is sealed `sealAfterMs` after it ended.
   * @default false
   */
  readonly seal?: boolean;
  /** @default 3 hours: Firehose buffers for at most 15 minutes and then may have to try again. */
  readonly sealAfterMs?: number;
  /** How long replaced and absorbed files stay for readers of an older manifest. @default 1 hour */
  readonly graceMs?: number;
  /** Bytes of Parquet that one step reads into memory; the rows take several times as much. @default 96 MiB */
  readonly maxStepBytes?: number;
  /** No step begins after this moment, in milliseconds since the epoch. @default none */
  readonly deadlineMs?: number;
  readonly now?: () => number;
  readonly newName?: () => string;
}

/** A raw file that can't be read. It stays where it is, and the day is not sealed before it is gone. */
export interface RefusedFile {
  readonly key: string;
  readonly reason: string;
}

export interface CompactDayResult {
  readonly table: string;
  readonly date: LakeDate;
  /** Rows of the day in compacted files. */
  readonly rows: number;
  readonly rawFilesAbsorbed: number;
  /** Compacted files of the day. */
  readonly compactedFiles: number;
  /** Bytes of files written. */
  readonly bytesWritten: number;
  readonly sealed: boolean;
  /** False where the deadline came first; the next run goes on. */
  readonly complete: boolean;
  /** Commits that another compactor was faster with. */
  readonly conflicts: number;
  readonly refused: readonly RefusedFile[];
  /** Files deleted after their grace period. */
  readonly swept: number;
  readonly ms: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const downloadsAtOnce = 32;
/** Another compactor that wins this often does the work as well. */
const maxConflicts = 5;

/**
 * Compacts one table on one day, in steps that each end with a conditional PUT of the manifest: absorbs raw
 * files, merges runs, seals. Whatever moment it stops at, the manifest names a whole and right set of files,
 * and the next call goes on from there. Two at once are harmless: the slower one's commit is refused, and its
 * files are swept after the grace period.
 */
export async function compactDay({
  store,
  eventType,
  date,
  seal = false,
  sealAfterMs = 3 * hourMs,
  graceMs = hourMs,
  maxStepBytes = 96 * 2 ** 20,
  deadlineMs = Infinity,
  now = Date.now,
  newName = randomUUID,
}: CompactDayOptions): Promise<CompactDayResult> {
  const startedMs = now();
  const table = tableName(eventType);
  const refused = new Map<string, RefusedFile>();
  const written: CompactedFile[] = [];
  let rawFilesAbsorbed = 0;
  let conflicts = 0;
  let complete = false;
  let state = await readDay(store, table, date);

  while (now() < deadlineMs && conflicts < maxConflicts) {
    const step = planStep(
      { manifest: state.stored?.manifest, rawFiles: state.rawFiles },
      {
        seal: seal || now() >= Date.parse(date) + dayMs + sealAfterMs,
        refused: new Set(refused.keys()),
        maxStepBytes,
      },
    );
    if (!step) {
      complete = true;
      break;
    }
    const result = await runStep(step, { store, eventType, date, newName, state, refused });
    if (!result) continue;
    try {
      const stored = await commitManifest(
        store,
        nextManifest(step, result, { table, date, before: state.stored?.manifest, now }),
        state.stored,
      );
      state = { ...state, stored };
      rawFilesAbsorbed += result.absorbed.length;
      written.push(...result.files);
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      conflicts++;
      state = await readDay(store, table, date);
    }
  }

  const { swept } = await sweepDay({ store, table, date, graceMs, now });
  const manifest = state.stored?.manifest;
  return {
    table,
    date,
    rows: sum(manifest?.files ?? [], ({ rows }) => rows),
    rawFilesAbsorbed,
    compactedFiles: manifest?.files.length ?? 0,
    bytesWritten: sum(written, ({ bytes }) => bytes),
    sealed: manifest?.sealed ?? false,
    complete,
    conflicts,
    refused: [...refused.values()],
    swept,
    ms: now() - startedMs,
  };
}

interface StoredDay {
  readonly stored: StoredManifest | undefined;
  readonly rawFiles: readonly ObjectInfo[];
}

async function readDay(store: ObjectStore, table: string, date: LakeDate): Promise<StoredDay> {
  const [stored, rawFiles] = await Promise.all([
    readManifest(store, table, date),
    listRawFiles(store, table, date),
  ]);
  return { stored, rawFiles };
}

async function listRawFiles(
  store: ObjectStore,
  table: string,
  date: LakeDate,
): Promise<readonly ObjectInfo[]> {
  const files: ObjectInfo[] = [];
  for await (const file of store.list(rawPrefix(table, date))) if (file.bytes > 0) files.push(file);
  return files;
}

interface StepResult {
  readonly files: readonly CompactedFile[];
  readonly absorbed: readonly ObjectInfo[];
}

/** Writes the files of a step, or undefined where raw files turned out to be unreadable: then plan again. */
async function runStep(
  step: CompactionStep,
  context: Pick<CompactDayOptions, 'store' | 'eventType' | 'date'> & {
    readonly newName: () => string;
    readonly state: StoredDay;
    readonly refused: Map<string, RefusedFile>;
  },
): Promise<StepResult | undefined> {
  if (step.kind === 'seal') return { files: [], absorbed: [] };
  const { store, eventType, date, newName, state, refused } = context;
  const rows = new RowSet(eventType);
  const refusedBefore = refused.size;
  if (step.kind === 'absorb') {
    const contents = await download(store, step.rawFiles);
    for (const [index, file] of step.rawFiles.entries())
      try {
        rows.append(readParquetTable(contents[index] ?? new Uint8Array()));
      } catch (error) {
        refused.set(file.key, { key: file.key, reason: (error as Error).message });
      }
  }
  if (refused.size > refusedBefore) return undefined;
  for (const bytes of await download(store, step.files)) rows.append(readParquetTable(bytes));
  const run = Math.max(0, ...(state.stored?.manifest.files ?? []).map((file) => file.run)) + 1;
  return {
    files: await writeRun(rows, { store, eventType, date, run, newName }),
    absorbed: step.kind === 'absorb' ? step.rawFiles : [],
  };
}

/** Contents in the order of the files, of exactly the etags named. */
const download = (
  store: ObjectStore,
  files: readonly Pick<ObjectInfo, 'key' | 'etag'>[],
): Promise<readonly Uint8Array[]> =>
  pMap(files, async ({ key, etag }) => (await store.get(key, { ifMatch: etag })).bytes, {
    concurrency: downloadsAtOnce,
  });

function nextManifest(
  step: CompactionStep,
  { files, absorbed }: StepResult,
  context: {
    readonly table: string;
    readonly date: LakeDate;
    readonly before: Manifest | undefined;
    readonly now: () => number;
  },
): Manifest {
  const { table, date, before, now } = context;
  const atMs = now();
  const replaced = step.kind === 'seal' ? [] : step.files.map(({ key }) => key);
  const gone = new Set(replaced);
  return {
    formatVersion: 1,
    table,
    date,
    sealed: step.kind === 'seal' || step.seal,
    files: [...(before?.files ?? []).filter(({ key }) => !gone.has(key)), ...files],
    absorbed: [
      ...(before?.absorbed ?? []),
      ...(absorbed.length > 0 ? [{ atMs, tokens: absorbed.map(rawFileToken) }] : []),
    ],
    replaced: [
      ...(before?.replaced ?? []),
      ...(replaced.length > 0 ? [{ atMs, keys: replaced }] : []),
    ],
    updatedAtMs: atMs,
  };
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
