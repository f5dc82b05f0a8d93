/** A value of a key column, as manifests carry it: integers as decimal text, so that 64 bits are exact. */
export type KeyText = string;

/** A Parquet file sorted by key. */
export interface CompactedFile {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  readonly rows: number;
  /** Smallest and largest key in the file, both inclusive. */
  readonly minKey: KeyText;
  readonly maxKey: KeyText;
  /** Bytes of the footer: metadata, its length field and the closing magic. */
  readonly footerBytes: number;
}

/** A raw file that the compacted files hold already. Its etag tells a rewritten object from the one absorbed. */
export interface AbsorbedFile {
  readonly key: string;
  readonly etag: string;
}

/**
 * The files that make up one table on one day. Changes only by conditional PUT. A reader takes `files`
 * plus every raw file that is not in `absorbed`, and removes duplicates by `event_id`.
 */
export interface Manifest {
  readonly formatVersion: 1;
  readonly table: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  /** No more raw files are expected: each key is in exactly one file. */
  readonly sealed: boolean;
  readonly files: readonly CompactedFile[];
  readonly absorbed: readonly AbsorbedFile[];
  readonly updatedAtMs: number;
}
