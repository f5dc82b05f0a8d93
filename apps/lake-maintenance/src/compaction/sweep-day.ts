import {
  commitManifest,
  compactedPrefix,
  indexPrefix,
  keyFilterPrefix,
  PreconditionFailedError,
  rawFileToken,
  rawPrefix,
  readManifest,
  type LakeDate,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { Publication } from './publication';

/**
 * Age in milliseconds from which on a compacted file, an index file or a filter that no manifest names may be deleted. It is twice
 * as long as a step may take from its first file to its commit, so that a running step loses no file.
 */
export const orphanGraceMs = 3_600_000;

/** Milliseconds for which a file is kept after the last manifest that needs it, for readers that know of it: an hour. */
const graceMs = 3_600_000;

export interface SweepOptions {
  readonly store: ObjectStore;
  readonly table: string;
  readonly date: LakeDate;
  /** Publisher whose snapshots may name a file for longer. */
  readonly publication?: Pick<Publication, 'mayName'> | undefined;
  readonly now: () => number;
}

/** Plan of a sweep: the files to delete, and the manifest without those deleted before. */
export interface SweepPlan {
  readonly delete: readonly string[];
  /** The manifest without files that are gone; undefined where none is gone. */
  readonly manifest: Manifest | undefined;
}

/**
 * Plans a sweep of files that were absorbed or replaced more than {@link graceMs} ago, and of compacted files and filters
 * that no manifest names (because a compactor died, or was slower than another). Files that a published snapshot may
 * name are kept.
 *
 * A file leaves the manifest one sweep after its deletion, so that a reader who listed raw files shortly before never
 * takes an absorbed file for a new one.
 */
function planSweep(
  manifest: Manifest,
  rawFiles: readonly ObjectInfo[],
  compactedFiles: readonly ObjectInfo[],
  { nowMs, publication }: { readonly nowMs: number } & Pick<SweepOptions, 'publication'>,
): SweepPlan {
  const isDue = ({ atMs }: { readonly atMs: number }): boolean => atMs + graceMs <= nowMs;
  const dueTokens = new Set(manifest.absorbed.filter(isDue).flatMap(({ tokens }) => tokens));
  const dueKeys = new Set(
    manifest.replaced
      .filter((group) => isDue(group) && publication?.mayName(manifest, group.atMs) !== true)
      .flatMap(({ keys }) => keys),
  );
  const waitingKeys = new Set(manifest.replaced.flatMap(({ keys }) => keys));
  const liveKeys = new Set(
    [
      ...manifest.files,
      manifest.keyFilter ?? [],
      ...(manifest.indexes ?? []).map(({ files, valueFilter = [], places = [] }) =>
        [files, valueFilter, places].flat(),
      ),
    ]
      .flat()
      .map(({ key }) => key),
  );
  const rawTokens = new Set(rawFiles.map(rawFileToken));
  const presentKeys = new Set(compactedFiles.map(({ key }) => key));

  const absorbed = manifest.absorbed
    .map(({ atMs, tokens }) => ({
      atMs,
      tokens: tokens.filter((token) => !dueTokens.has(token) || rawTokens.has(token)),
    }))
    .filter(({ tokens }) => tokens.length > 0);
  const replaced = manifest.replaced
    .map(({ atMs, keys }) => ({
      atMs,
      keys: keys.filter((key) => !dueKeys.has(key) || presentKeys.has(key)),
    }))
    .filter(({ keys }) => keys.length > 0);
  const forgets =
    count(absorbed, ({ tokens }) => tokens) < count(manifest.absorbed, ({ tokens }) => tokens) ||
    count(replaced, ({ keys }) => keys) < count(manifest.replaced, ({ keys }) => keys);

  const raw = rawFiles.filter((file) => dueTokens.has(rawFileToken(file)));
  const compacted = compactedFiles.filter(
    ({ key, modifiedMs }) =>
      !liveKeys.has(key) &&
      (waitingKeys.has(key) ? dueKeys.has(key) : modifiedMs + orphanGraceMs <= nowMs),
  );
  return {
    delete: [...raw, ...compacted].map(({ key }) => key),
    manifest: forgets ? { ...manifest, absorbed, replaced, updatedAtMs: nowMs } : undefined,
  };
}

/** Sweeps one day. Without a manifest nothing is swept, because a first commit may be under way. */
export async function sweepDay({
  store,
  table,
  date,
  publication,
  now,
}: SweepOptions): Promise<{ readonly swept: number }> {
  // Listed before the manifest is read, so that files committed in between are in neither list.
  const compactedFiles = [
    ...(await listAll(store, compactedPrefix(table, date))),
    ...(await listAll(store, keyFilterPrefix(table, date))),
    ...(await listAll(store, indexPrefix(table, date))),
  ];
  const rawFiles = await listAll(store, rawPrefix(table, date));
  const stored = await readManifest(store, table, date);
  if (!stored) return { swept: 0 };
  const plan = planSweep(stored.manifest, rawFiles, compactedFiles, {
    nowMs: now(),
    publication,
  });
  if (plan.manifest)
    try {
      await commitManifest(store, plan.manifest, stored);
    } catch (error) {
      // Another compactor was faster; the next sweep changes the manifest.
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  if (plan.delete.length > 0) await store.delete(plan.delete);
  return { swept: plan.delete.length };
}

async function listAll(store: ObjectStore, prefix: string): Promise<readonly ObjectInfo[]> {
  const files: ObjectInfo[] = [];
  for await (const file of store.list(prefix)) files.push(file);
  return files;
}

const count = <T>(groups: readonly T[], items: (group: T) => readonly unknown[]): number =>
  groups.reduce((sum, group) => sum + items(group).length, 0);
