import {
  dateOfKey,
  isRawFile,
  rawTablePrefix,
  unabsorbedFiles,
  type LakeDate,
  type ObjectInfo,
} from '@sluice/lake-layout';
import type { LakeStore, ListedManifest } from './known-objects';

/** A raw file, with its state in its day's manifest. */
export interface RawFile extends ObjectInfo {
  readonly date: LakeDate;
  /** True where a compacted file holds its rows. The raw file is kept for a while for readers of an older manifest. */
  readonly isAbsorbed: boolean;
}

/**
 * Largest number of files of a table that are listed. A table that is not being compacted may have more, which
 * `isComplete` tells.
 */
const maxRawFiles = 20_000;

export interface RawFiles {
  /** Raw files, the newest first. */
  readonly files: readonly RawFile[];
  readonly isComplete: boolean;
}

/** Lists the raw files of a table. */
export async function listRawFiles(
  store: LakeStore,
  table: string,
  manifests: readonly ListedManifest[],
): Promise<RawFiles> {
  const byDate = new Map<LakeDate, ObjectInfo[]>();
  let count = 0;
  for await (const object of store.list(rawTablePrefix(table))) {
    const date = dateOfKey(object.key);
    if (date === undefined || !isRawFile(object)) continue;
    if (++count > maxRawFiles) break;
    const day = byDate.get(date);
    if (day) day.push(object);
    else byDate.set(date, [object]);
  }
  const manifestOf = new Map(manifests.map(({ date, manifest }) => [date, manifest]));
  const files: RawFile[] = [];
  for (const [date, objects] of byDate) {
    const open = new Set(unabsorbedFiles(manifestOf.get(date), objects));
    for (const object of objects) files.push({ ...object, date, isAbsorbed: !open.has(object) });
  }
  files.sort((a, b) => b.modifiedMs - a.modifiedMs);
  return { files, isComplete: count <= maxRawFiles };
}
