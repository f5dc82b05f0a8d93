import {
  filesToken,
  isCurrentKeyForm,
  maxFilterKeys,
  unabsorbedFiles,
  type CompactedFile,
  type KeyFilterFile,
  type Manifest,
  type ObjectInfo,
} from '@sluice/lake-layout';
import { unindexedFiles } from './day-indexes';
import type { LaterCopies } from './later-copies';

/** The state of one table on one day. */
export interface DayState {
  readonly manifest: Manifest | undefined;
  readonly rawFiles: readonly ObjectInfo[];
}

export interface PlanOptions {
  /** True where the day ended long enough ago, or its sealing was requested. */
  readonly seal: boolean;
  /** Keys of files that can't be read; they are left alone. */
  readonly refused?: ReadonlySet<string>;
  /** Bytes of Parquet that one step holds in memory. */
  readonly maxStepBytes: number;
  /** Paths of the indexes that the table has. @default none */
  readonly indexes?: readonly string[];
  /** True where other engines read the day's files. @default false */
  readonly published?: boolean;
}

/** Adds to the manifest what look-ups need to know about files and the day. Changes no rows. */
export interface DescribingStep {
  readonly kind: 'describe';
  /** Files whose footers are missing in the manifest. */
  readonly files: readonly CompactedFile[];
  /** All files of a sealed day without a key filter; empty where the day has one, or needs none. */
  readonly filterOf: readonly CompactedFile[];
  /** Paths of the indexes of a sealed day that have no filter of their values. */
  readonly valueFiltersOf: readonly string[];
  /** Paths of the indexes of a sealed day that do not tell where the rows of a value are. */
  readonly placesOf: readonly string[];
}

/** Writes index entries for files that lack them, and changes no row. */
export interface IndexingStep {
  readonly kind: 'index';
  readonly files: readonly CompactedFile[];
}

/** Merges runs of an index. */
export interface IndexMergingStep {
  readonly kind: 'merge-index';
  readonly path: string;
  readonly files: readonly CompactedFile[];
}

/** Rewrites files, each in its place, in the form of this release. Changes no rows. */
export interface RewritingStep {
  readonly kind: 'rewrite';
  readonly files: readonly CompactedFile[];
}

/** One commit of the manifest. */
export type CompactionStep =
  | PlannedStep
  /** Rewrites files of the day without the rows that are copies of an earlier day's. */
  | ({ readonly kind: 'drop' } & LaterCopies);

/** A step that depends on the day alone. */
export type PlannedStep =
  /** Writes the rows of raw files, and of the named runs, as one new run. */
  | {
      readonly kind: 'absorb';
      readonly rawFiles: readonly ObjectInfo[];
      readonly files: readonly CompactedFile[];
      readonly seal: boolean;
    }
  /** Writes the rows of several runs as one new run. */
  | { readonly kind: 'merge'; readonly files: readonly CompactedFile[]; readonly seal: boolean }
  /** Marks a day that has one run as sealed. */
  | { readonly kind: 'seal' }
  | IndexingStep
  | IndexMergingStep
  | RewritingStep
  | DescribingStep;

/** Largest number of runs of an unsealed day, so that a look-up reads few files besides the raw ones. */
const maxRuns = 6;
/** A run is merged with newer ones once its size is at most this many times their total size. */
const growthRatio = 2;

/** Returns the next step for a day; undefined where it is done. */
export function planStep(
  { manifest, rawFiles }: DayState,
  { seal, refused = new Set(), maxStepBytes, indexes = [], published = false }: PlanOptions,
): PlannedStep | undefined {
  const waiting = unabsorbedFiles(manifest, rawFiles);
  const readable = waiting.filter(({ key }) => !refused.has(key));
  const runs = runsOf(manifest?.files ?? []);
  const maySeal = seal && readable.length === waiting.length;

  const batch = takeBytes(readable, maxStepBytes);
  if (batch.length > 0) {
    const isLast = batch.length === readable.length;
    const along = isLast ? runsToMerge(runs, totalBytes(batch), maySeal) : [];
    const fits = totalBytes(batch) + totalBytes(along) <= maxStepBytes;
    const files = fits ? along : [];
    const runsAfter = runs.length + 1 - new Set(files.map(({ run }) => run)).size;
    return { kind: 'absorb', rawFiles: batch, files, seal: maySeal && isLast && runsAfter === 1 };
  }
  const files = runsToMerge(runs, 0, maySeal);
  if (new Set(files.map(({ run }) => run)).size > 1)
    return { kind: 'merge', files, seal: maySeal && files.length === manifest?.files.length };
  if (maySeal && manifest && !manifest.sealed) return { kind: 'seal' };
  const rewriting = published ? rewritingStep(manifest, { refused, maxStepBytes }) : undefined;
  return (
    rewriting ??
    planIndexStep(manifest, { refused, maxStepBytes, indexes }) ??
    describingStep(manifest, refused, indexes)
  );
}

/** Returns the next step that concerns only the indexes of a day; undefined where these are done. */
export function planReindexStep(
  manifest: Manifest | undefined,
  options: Pick<PlanOptions, 'refused' | 'maxStepBytes' | 'indexes'>,
): PlannedStep | undefined {
  const { refused = new Set<string>(), indexes = [] } = options;
  return planIndexStep(manifest, options) ?? describingStep(manifest, refused, indexes);
}

/** Returns the next step that writes entries of a day's indexes; undefined where these are done. */
function planIndexStep(
  manifest: Manifest | undefined,
  {
    refused = new Set(),
    maxStepBytes,
    indexes = [],
  }: Pick<PlanOptions, 'refused' | 'maxStepBytes' | 'indexes'>,
): IndexingStep | IndexMergingStep | undefined {
  if (!manifest) return undefined;
  const missing = unindexedFiles(manifest, indexes).filter(({ key }) => !refused.has(key));
  if (missing.length > 0) return { kind: 'index', files: takeBytes(missing, maxStepBytes) };
  for (const { path, files } of manifest.indexes ?? []) {
    if (!indexes.includes(path)) continue;
    const merged = runsToMerge(runsOf(files), 0, manifest.sealed);
    if (new Set(merged.map(({ run }) => run)).size > 1)
      return { kind: 'merge-index', path, files: merged };
  }
  return undefined;
}

/**
 * Returns the step that rewrites files of earlier releases before other engines may read them; undefined where there
 * is nothing to rewrite. Files that can't be read are left alone.
 */
function rewritingStep(
  manifest: Manifest | undefined,
  { refused, maxStepBytes }: Required<Pick<PlanOptions, 'refused' | 'maxStepBytes'>>,
): RewritingStep | undefined {
  const older = filesToRewrite(manifest).filter(({ key }) => !refused.has(key));
  return older.length > 0 ? { kind: 'rewrite', files: takeBytes(older, maxStepBytes) } : undefined;
}

/** Returns the files of a day that other engines would misread. */
export const filesToRewrite = (manifest: Manifest | undefined): readonly CompactedFile[] =>
  manifest?.files.filter(({ microseconds }) => microseconds !== true) ?? [];

/** Files of earlier releases are described once compaction looks at their day; those that can't be read are left alone. */
function describingStep(
  manifest: Manifest | undefined,
  refused: ReadonlySet<string>,
  indexes: readonly string[],
): DescribingStep | undefined {
  if (!manifest) return undefined;
  const files = manifest.files.filter(
    ({ key, packedFooter }) => packedFooter === undefined && !refused.has(key),
  );
  const filterOf =
    wantsFilter(manifest) && !manifest.files.some(({ key }) => refused.has(key))
      ? manifest.files
      : [];
  const valueFiltersOf = (manifest.indexes ?? [])
    .filter(
      ({ path, files, valueFilter }) =>
        indexes.includes(path) &&
        wantsFilter({ sealed: manifest.sealed, files, keyFilter: valueFilter }) &&
        !files.some(({ key }) => refused.has(key)),
    )
    .map(({ path }) => path);
  const placesOf = files.length > 0 ? [] : pathsWithoutPlaces(manifest, indexes, refused);
  return [files, filterOf, valueFiltersOf, placesOf].some(({ length }) => length > 0)
    ? { kind: 'describe', files, filterOf, valueFiltersOf, placesOf }
    : undefined;
}

/** Returns the indexes of a sealed day that do not tell where the rows of a value are. The footers of its files must be known. */
export function pathsWithoutPlaces(
  { sealed, files, indexes = [] }: Manifest,
  paths: readonly string[],
  refused: ReadonlySet<string> = new Set(),
): readonly string[] {
  if (!sealed || files.length === 0 || rowsOf(files) > maxFilterKeys) return [];
  if (files.some(({ key, packedFooter }) => packedFooter === undefined || refused.has(key)))
    return [];
  const of = filesToken(files);
  return indexes
    .filter(({ path, places }) => paths.includes(path) && places?.of !== of)
    .map(({ path }) => path);
}

/** Decides whether a sealed day lacks a filter of its keys in their current form. */
function wantsFilter({
  sealed,
  files,
  keyFilter,
}: Pick<Manifest, 'sealed' | 'files'> & {
  readonly keyFilter?: KeyFilterFile | undefined;
}): boolean {
  if (!sealed || files.length === 0) return false;
  if (rowsOf(files) > maxFilterKeys) return false;
  if (!keyFilter || !isCurrentKeyForm(keyFilter.keyForm)) return true;
  return keyFilter.of !== filesToken(files);
}

/** Returns the runs, the smallest first. */
function runsOf(files: readonly CompactedFile[]): readonly (readonly CompactedFile[])[] {
  const runs = new Map<number, CompactedFile[]>();
  for (const file of files) {
    const run = runs.get(file.run);
    if (run) run.push(file);
    else runs.set(file.run, [file]);
  }
  return [...runs.values()].sort((a, b) => totalBytes(a) - totalBytes(b));
}

/**
 * Returns the runs to merge with `newBytes` of new rows. A run is only merged once the newer ones are about as large.
 * So each run is several times larger than the next smaller one: there are few runs, and each row is rewritten few
 * times.
 */
function runsToMerge(
  runs: readonly (readonly CompactedFile[])[],
  newBytes: number,
  all: boolean,
): readonly CompactedFile[] {
  const merged: CompactedFile[] = [];
  let bytes = newBytes;
  for (const [index, run] of runs.entries()) {
    const left = runs.length - index + (bytes > 0 ? 1 : 0);
    if (!all && left <= maxRuns && totalBytes(run) > growthRatio * bytes) break;
    merged.push(...run);
    bytes += totalBytes(run);
  }
  return merged;
}

/** Returns the first files that together have at most a number of bytes; at least one file. */
function takeBytes<File extends { readonly bytes: number }>(
  files: readonly File[],
  maxBytes: number,
): readonly File[] {
  let bytes = 0;
  const end = files.findIndex((file, index) => {
    bytes += file.bytes;
    return index > 0 && bytes > maxBytes;
  });
  return end < 0 ? files : files.slice(0, end);
}

const rowsOf = (files: readonly { readonly rows: number }[]): number =>
  files.reduce((sum, { rows }) => sum + rows, 0);

const totalBytes = (files: readonly { readonly bytes: number }[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);
