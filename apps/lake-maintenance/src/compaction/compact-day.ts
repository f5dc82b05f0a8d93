import { tableName, type EventType } from '@sluice/event-schema';
import {
  commitManifest,
  DamagedObjectError,
  filesToken,
  isReplaced,
  ManifestError,
  rawFilesBelow,
  rawFileToken,
  rawPrefix,
  readManifest,
  type CompactedFile,
  type DayIndex,
  type KeyFilterFile,
  type LakeDate,
  type LateCounts,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
  type StoredManifest,
} from '@sluice/lake-layout';
import { indexedBy, indexPaths, nextRun } from './day-indexes';
import { laterCopies, laterDays, type LateRows, type LaterCopies } from './later-copies';
import { directCodec, type ParquetCodec } from './parquet-codec';
import { planReindexStep, planStep, type CompactionStep } from './plan-step';
import type { Publication } from './publication';
import { runStep } from './run-step';
import type { StepResult } from './step';
import { orphanGraceMs, sweepDay } from './sweep-day';
import { layoutFor, type ChooseLayout } from './write-run';

export interface CompactDayOptions {
  readonly store: ObjectStore;
  readonly eventType: EventType;
  readonly date: LakeDate;
  /**
   * True to seal the day at any time. Otherwise it is sealed `sealAfterMs` after its end.
   *
   * @default false
   */
  readonly seal?: boolean;
  /**
   * Milliseconds after its end at which a day is sealed.
   *
   * @default 3 hours, because Firehose buffers for at most 15 minutes and may then have to try again
   */
  readonly sealAfterMs?: number;
  /** Bytes of Parquet that one step reads into memory; the rows take several times as much. @default 96 MiB */
  readonly maxStepBytes?: number;
  /** Moment after which no step begins, in milliseconds since 1970. @default none */
  readonly deadlineMs?: number;
  /** Rows that an earlier day is about to absorb. Only removes their copies from this day. */
  readonly without?: LateRows;
  /** Finds rows to remove from the day's compacted files. Only removes these. */
  readonly findRows?: (day: {
    readonly files: readonly CompactedFile[];
    readonly indexes: readonly DayIndex[];
  }) => Promise<LaterCopies>;
  /**
   * True to only update the indexes of the day, and the descriptions in its manifest, to its compacted files.
   * @default false
   */
  readonly onlyIndexes?: boolean;
  /** Codec for Parquet. @default runs on the caller's thread */
  readonly codec?: ParquetCodec;
  /** Chooses the layout of files. @default by a sample of the rows */
  readonly chooseLayout?: ChooseLayout;
  /** Publisher of the table for other engines. @default none */
  readonly publication?: Publication | undefined;
  readonly now?: () => number;
}

/** A file that can't be read. It is left in place; a raw one prevents the sealing of its day. */
export interface RefusedFile {
  readonly key: string;
  readonly reason: string;
}

export interface CompactDayResult {
  readonly table: string;
  readonly date: LakeDate;
  /** Number of rows of the day in compacted files. */
  readonly rows: number;
  readonly rawFilesAbsorbed: number;
  /** Rows of these files by how long after their own time they arrived; undefined where the event type has no time. */
  readonly late?: LateCounts | undefined;
  /** Number of compacted files of the day. */
  readonly compactedFiles: number;
  /** Bytes of the files written. */
  readonly bytesWritten: number;
  readonly sealed: boolean;
  /** False where the deadline came first; the next run continues. */
  readonly complete: boolean;
  /** Number of commits that failed because another compactor was faster. */
  readonly conflicts: number;
  readonly refused: readonly RefusedFile[];
  /** Number of files deleted after their grace period. */
  readonly swept: number;
  readonly ms: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const mebibyte = 2 ** 20;
/** Number of lost commits after which this run ends, because the other compactor does the work as well. */
const maxConflicts = 8;
/** Milliseconds after which a merge commits what it has; a further step continues. */
const maxStepMs = 10 * 60_000;

/**
 * Compacts one table on one day, in steps that each end with a conditional PUT of the manifest: absorbs raw files,
 * merges runs, seals. Whenever it stops, the manifest names a complete and correct set of files, and the next call
 * continues from there. Two runs at the same time are harmless: the slower one's commit is refused, and its files are
 * swept after the grace period.
 */
export async function compactDay(options: CompactDayOptions): Promise<CompactDayResult> {
  const {
    store,
    eventType,
    date,
    seal = false,
    sealAfterMs = 3 * hourMs,
    maxStepBytes = 96 * mebibyte,
    deadlineMs = Infinity,
    without,
    findRows,
    onlyIndexes = false,
    codec = directCodec,
    chooseLayout = layoutFor,
    publication,
    now = Date.now,
  } = options;
  const startedMs = now();
  const table = tableName(eventType);
  const refused = new Map<string, RefusedFile>();
  const written: CompactedFile[] = [];
  let rawFilesAbsorbed = 0;
  let late: LateCounts | undefined;
  let conflicts = 0;
  let complete = false;
  let state = await readDay(store, table, date);
  const plan = (manifest: Manifest | undefined, rawFiles: readonly ObjectInfo[]) => {
    const shared = {
      refused: new Set(refused.keys()),
      maxStepBytes,
      indexes: indexPaths(eventType),
    };
    if (onlyIndexes) return planReindexStep(manifest, shared);
    const dayHasEnded = now() >= Date.parse(date) + dayMs + sealAfterMs;
    const published = publication !== undefined;
    return planStep({ manifest, rawFiles }, { ...shared, seal: seal || dayHasEnded, published });
  };

  for (;;)
    try {
      const before = state.stored?.manifest;
      const { rawFiles } = state;
      if (now() >= deadlineMs) break;
      const found =
        findRows &&
        (await findRows({ files: before?.files ?? [], indexes: before?.indexes ?? [] }));
      const step = found
        ? found.files.length > 0 || found.inIndexes === true
          ? ({ kind: 'drop', ...found } as const)
          : undefined
        : without
          ? await planDrop(without, before, options)
          : plan(before, rawFiles);
      if (!step) {
        complete = true;
        break;
      }
      const stepStartedMs = now();
      const result = await runStep(step, {
        store,
        eventType,
        date,
        codec,
        chooseLayout,
        columnIds: publication?.columnIds,
        dayFiles: before?.files ?? [],
        dayIndexes: before?.indexes ?? [],
        run: nextRun(before?.files ?? []),
        refuse: ({ key }, reason) => refused.set(key, { key, reason }),
        mustStop: () => now() >= deadlineMs || now() >= stepStartedMs + maxStepMs,
      });
      if (step.kind === 'absorb' && result.absorbed.length === 0) continue;
      if (step.kind === 'rewrite' && result.replaced.length === 0) continue;
      if (step.kind === 'describe' && !changesAnything(result)) continue;
      if (step.kind === 'drop' && result.replaced.length === 0 && !changesAnything(result)) {
        complete = true;
        break;
      }
      if (step.kind === 'index' && result.trimmed.length === 0) continue;
      // Before the commit: if it ends in between, the raw files still exist to begin anew.
      if (result.late) await takeOutOfLaterDays(result.late, options);
      if (now() >= stepStartedMs + orphanGraceMs / 2)
        throw new Error(
          `a step on ${table} of ${date} took ${now() - stepStartedMs} ms; its files may be swept already, so it was not committed`,
        );
      const stored = await commitManifest(
        store,
        nextManifest(step, result, { table, date, before, atMs: now() }),
        state.stored,
      );
      state = { ...state, stored };
      rawFilesAbsorbed += result.absorbed.length;
      late = lateTogether(late, result.lateCounts);
      written.push(...result.files);
    } catch (error) {
      // Another compactor was faster, or swept a file that this one was about to read.
      if (!isReplaced(error) || ++conflicts === maxConflicts) throw error;
      state = await readDay(store, table, date);
    }

  const manifest = state.stored?.manifest;
  if (manifest) publication?.see(manifest);
  const { swept } = await sweepDay({ store, table, date, publication, now });
  return {
    table,
    date,
    rows: sum(manifest?.files ?? [], ({ rows }) => rows),
    rawFilesAbsorbed,
    late,
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

/** Removes the copies of rows that are about to be absorbed from the following days, however little time is left. */
async function takeOutOfLaterDays(
  late: () => LateRows | undefined,
  options: CompactDayOptions,
): Promise<void> {
  const { store, eventType } = options;
  // Nothing is collected where the following days don't exist, as after the current day.
  let without: LateRows | undefined;
  for (const date of laterDays(options.date))
    try {
      const manifest = (await readManifest(store, tableName(eventType), date))?.manifest;
      if (!manifest || manifest.files.length === 0) continue;
      without ??= late();
      if (without && (await planDrop(without, manifest, { ...options, date })))
        await compactDay({ ...options, date, without, deadlineMs: Infinity });
    } catch (error) {
      // A damaged day is reported by its own compaction, and searched when it is sealed.
      if (!(error instanceof ManifestError || error instanceof DamagedObjectError)) throw error;
    }
}

async function planDrop(
  without: LateRows,
  manifest: Manifest | undefined,
  { store, eventType, date }: Pick<CompactDayOptions, 'store' | 'eventType' | 'date'>,
): Promise<CompactionStep | undefined> {
  const copies = await laterCopies(without, manifest?.files ?? [], { store, eventType, date });
  return copies.ids.size > 0 ? { kind: 'drop', ...copies } : undefined;
}

interface StoredDay {
  readonly stored: StoredManifest | undefined;
  readonly rawFiles: readonly ObjectInfo[];
}

async function readDay(store: ObjectStore, table: string, date: LakeDate): Promise<StoredDay> {
  const [stored, rawFiles] = await Promise.all([
    readManifest(store, table, date),
    rawFilesBelow(store, rawPrefix(table, date)),
  ]);
  return { stored, rawFiles };
}

const changesAnything = ({ trimmed, keyFilter, indexes }: StepResult): boolean =>
  trimmed.length > 0 || keyFilter !== undefined || indexes !== undefined;

/** Steps after which a day has the same rows as before. */
const stepsBesideRows: ReadonlySet<CompactionStep['kind']> = new Set([
  'describe',
  'rewrite',
  'index',
  'merge-index',
]);

function nextManifest(
  step: CompactionStep,
  { files, replaced, trimmed, absorbed, complete, keyFilter, lateCounts, ...result }: StepResult,
  {
    table,
    date,
    before,
    atMs,
  }: {
    readonly table: string;
    readonly date: LakeDate;
    readonly before: Manifest | undefined;
    readonly atMs: number;
  },
): Manifest {
  const keepsRows =
    stepsBesideRows.has(step.kind) || (step.kind === 'drop' && replaced.length === 0);
  const { indexes = before?.indexes } = result;
  const indexKeys = new Set(indexFilesOf(indexes).map(({ key }) => key));
  const replacedKeys = [
    ...replaced,
    ...indexFilesOf(before?.indexes).filter(({ key }) => !indexKeys.has(key)),
  ].map(({ key }) => key);
  const changed = new Set([...files, ...replaced, ...trimmed].map(({ key }) => key));
  const next = [
    ...(before?.files ?? []).filter(({ key }) => !changed.has(key)),
    ...trimmed,
    ...files,
  ];
  const filter = keyFilter ?? (keepsRows && before ? filterOf(before, next) : undefined);
  return {
    formatVersion: 1,
    table,
    date,
    // After a merge, the next step decides what can be sealed.
    sealed:
      step.kind === 'drop' || keepsRows
        ? (before?.sealed ?? false)
        : complete && (step.kind === 'seal' || (step.kind === 'absorb' && step.seal)),
    // A step that keeps all rows keeps the day's announcement valid.
    announced: keepsRows && (before?.announced ?? false),
    files: next.map((file) => withMarks(file, indexes)),
    absorbed: [
      ...(before?.absorbed ?? []),
      ...(absorbed.length > 0 ? [{ atMs, tokens: absorbed.map(rawFileToken) }] : []),
    ],
    replaced: [
      ...(before?.replaced ?? []),
      ...(replacedKeys.length > 0 ? [{ atMs, keys: replacedKeys }] : []),
    ],
    updatedAtMs: atMs,
    ...(filter && { keyFilter: filter }),
    ...(indexes && indexes.length > 0 && { indexes }),
    ...lateOf(before?.late, lateCounts),
  };
}

/** Returns the member of a manifest about late rows; none where nothing is known. */
function lateOf(
  before: LateCounts | undefined,
  more: LateCounts | undefined,
): Pick<Manifest, 'late'> {
  const late = lateTogether(before, more);
  return late ? { late } : {};
}

const lateTogether = (
  a: LateCounts | undefined,
  b: LateCounts | undefined,
): LateCounts | undefined =>
  a && b
    ? { minutes: a.minutes + b.minutes, hours: a.hours + b.hours, days: a.days + b.days }
    : (a ?? b);

/**
 * Removes the marks of indexes that the day does not have, because they would be wrong if the day got these indexes
 * again.
 */
function withMarks(
  { indexed = [], ...file }: CompactedFile,
  indexes: readonly DayIndex[] = [],
): CompactedFile {
  const kept = indexed.filter((path) => indexes.some((index) => index.path === path));
  return { ...file, ...indexedBy(kept) };
}

const indexFilesOf = (indexes: readonly DayIndex[] = []): readonly CompactedFile[] =>
  indexes.flatMap(({ files }) => files);

/**
 * Returns the filter of a day whose files changed but whose rows did not. A filter that was already outdated stays
 * outdated.
 */
function filterOf(
  { files, keyFilter }: Manifest,
  next: readonly CompactedFile[],
): KeyFilterFile | undefined {
  return keyFilter?.of === filesToken(files) ? { ...keyFilter, of: filesToken(next) } : keyFilter;
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
