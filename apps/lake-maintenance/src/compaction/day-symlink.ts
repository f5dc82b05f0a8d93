import {
  ObjectNotFoundError,
  symlinkKey,
  symlinkText,
  unabsorbedFiles,
  type LakeDate,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';

/** List of files, for SQL engines, that make up one table on one day. */
export interface DaySymlink {
  /** ETag of the existing object; undefined where there is none. */
  readonly etag: string | undefined;
  readonly text: string;
}

export interface DaySymlinkPlace {
  readonly store: Pick<ObjectStore, 'get' | 'put'>;
  readonly bucket: string;
  readonly table: string;
  readonly date: LakeDate;
}

/** Reads the existing list. It may only be replaced by one that is made from what is read **after** it. */
export async function readDaySymlink({ store, table, date }: DaySymlinkPlace): Promise<DaySymlink> {
  try {
    const { bytes, etag } = await store.get(symlinkKey(table, date));
    return { etag, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return { etag: undefined, text: '' };
    throw error;
  }
}

/**
 * Writes the list of the files that a look-up uses, if it differs from the existing one.
 *
 * It only replaces `current`, so that of two writers the one that read earlier never overwrites the other: a list is
 * made from a manifest that is at least as new as that of the previous list.
 *
 * @param current must have been read before the manifest and the raw files
 * @throws PreconditionFailedError where another writer was first; read all three again
 */
export async function publishDaySymlink(
  current: DaySymlink,
  manifest: Manifest | undefined,
  rawFiles: readonly ObjectInfo[],
  { store, bucket, table, date }: DaySymlinkPlace,
): Promise<DaySymlink> {
  const text = symlinkText(bucket, dayFiles(manifest, rawFiles));
  if (text === current.text) return current;
  const { etag } = await store.put(symlinkKey(table, date), new TextEncoder().encode(text), {
    contentType: 'text/plain',
    ...(current.etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: current.etag }),
  });
  return { etag, text };
}

/** Returns the keys of the files that a reader uses. */
const dayFiles = (
  manifest: Manifest | undefined,
  rawFiles: readonly ObjectInfo[],
): readonly string[] =>
  [
    ...(manifest?.files ?? []),
    ...(manifest?.sealed ? [] : unabsorbedFiles(manifest, rawFiles)),
  ].map(({ key }) => key);
