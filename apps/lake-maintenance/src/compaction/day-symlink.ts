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

/** What an engine for SQL is told of one table on one day: the files that make it up, one after another. */
export interface DaySymlink {
  /** Of the object that is there; undefined where there is none. */
  readonly etag: string | undefined;
  readonly text: string;
}

export interface DaySymlinkPlace {
  readonly store: Pick<ObjectStore, 'get' | 'put'>;
  readonly bucket: string;
  readonly table: string;
  readonly date: LakeDate;
}

/** Reads the list that is there, to be replaced by one that is made of what is read **after** it. */
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
 * Writes the list of the files that a look-up takes, where it differs from the one that is there.
 *
 * It goes over `current` alone. So of two writers the one that read earlier never writes over the other: a list
 * is made of a manifest that is at least as new as that of the list before it.
 *
 * @param current was read before the manifest and the raw files were.
 * @throws PreconditionFailedError where another writer was first: read all three again.
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

/** Keys of the files that a reader takes. */
const dayFiles = (
  manifest: Manifest | undefined,
  rawFiles: readonly ObjectInfo[],
): readonly string[] =>
  [
    ...(manifest?.files ?? []),
    ...(manifest?.sealed ? [] : unabsorbedFiles(manifest, rawFiles)),
  ].map(({ key }) => key);
