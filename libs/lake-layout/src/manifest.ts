import { createHash } from 'node:crypto';
import type { KeyText } from './key-text';
import type { LakeDate } from './keys';
import type { ObjectInfo } from './object-store';

/** Smallest and largest time, both inclusive, UTC, such as `2026-11-20 10:00:00.123456`. */
export interface TimeBounds {
  readonly min: string;
  readonly max: string;
}

/** Where a row stands among those of its key: by its moment, then by `event_id`. */
export interface RowPlace {
  /** The time of the event, else of its arrival, as {@link TimeBounds} have it. */
  readonly moment: string;
  /** Empty where the row has none. */
  readonly eventId: string;
}

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
  /** CRC-32 of the footer. Files of earlier releases have none. */
  readonly footerCrc32?: number;
  /**
   * Every key that is a UUID is in lower case, as look-ups ask for it. Not known of files of earlier releases, whose keys are as they
   * were sent.
   */
  readonly lowerCaseKeys?: boolean;
  /** Files of one run have key ranges that do not overlap: a key is in at most one file of each run. */
  readonly run: number;
  /**
   * The place of the first and of the last row. Where they are there, rows of one key are in the order of {@link RowPlace}; in the
   * files of earlier releases they are in the order of `event_id`.
   */
  readonly firstRow?: RowPlace;
  readonly lastRow?: RowPlace;
  /** Bounds of the moments of the rows: of the event's time where it has one, else of its arrival. */
  readonly moments?: TimeBounds;
  /** Bounds of the column that the event type names as `time`, and the rows without a value; left out where no row has one. */
  readonly time?: TimeBounds & { readonly nulls: number };
  /** Bounds of `ingested_at`. */
  readonly arrivals?: TimeBounds;
  /**
   * What a look-up needs of the footer, as `packFooter` of parquet-reading has it, in base64: a reader that has it needs no footer.
   * Files of earlier releases have none until compaction next looks at their day.
   */
  readonly packedFooter?: string;
  /**
   * All times of the file are in microseconds, as Iceberg has them. Files of earlier releases have some in milliseconds, until
   * compaction writes them anew.
   */
  readonly microseconds?: true;
  /** Paths of the indexes of the day that have an entry for each of the rows; see {@link isIndexed}. */
  readonly indexed?: readonly string[];
}

/**
 * An index of a day. Its files are sorted by the value and have the form of compacted files. Each row of a file that is
 * {@link isIndexed} has an entry; an entry may be of a row that the day no longer has.
 */
export interface DayIndex {
  /** Path of the value, as the definition writes it. */
  readonly path: string;
  readonly files: readonly CompactedFile[];
  /** The values of a sealed day, as {@link Manifest.keyFilter} has its keys. */
  readonly valueFilter?: KeyFilterFile;
}

/** An object that knows of every key of a sealed day that the day may hold it, and of most others that it does not. */
export interface KeyFilterFile {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** Different keys of the day. */
  readonly keys: number;
  /** Tells the files whose keys these are, as {@link filesToken} does: of other files the filter says nothing. */
  readonly of: string;
  /** Tells how the keys were written as texts; a reader that writes them otherwise can't ask the filter. */
  readonly keyForm: string;
}

/**
 * Names one content of one raw file: 96 bits of a SHA-256 over key and etag, in base64url. A key that is
 * written again with other bytes has another token. A day of 1,440 files stays below 30 KB this way.
 */
export type RawFileToken = string;

/** Raw files that one commit absorbed. */
export interface AbsorbedFiles {
  readonly atMs: number;
  readonly tokens: readonly RawFileToken[];
}

/** Compacted files that one commit replaced; they stay for a grace period, for readers of the manifest before. */
export interface ReplacedFiles {
  readonly atMs: number;
  readonly keys: readonly string[];
}

/**
 * The files that make up one table on one day. Changes only by conditional PUT.
 *
 * A reader takes `files` and every raw file that is not absorbed ({@link unabsorbedFiles}), and removes
 * duplicates by `event_id`. Of a sealed day it takes `files` alone, without listing anything: a raw file that
 * arrives later still becomes visible with the next compaction, which changes the manifest.
 *
 * An absorbed raw file is deleted after a grace period, and its token leaves the manifest only in a commit
 * after that. So a reader that listed raw files some seconds before it read the manifest is right too; where
 * a listed file is gone nevertheless, it reads manifest and list again.
 */
export interface Manifest {
  /** Version of the manifest that was read. What is written has the lowest version that says all of it. */
  readonly formatVersion: 1 | 2;
  readonly table: string;
  readonly date: LakeDate;
  /** No more raw files are expected: each key is in exactly one file. */
  readonly sealed: boolean;
  /** True once the "day sealed" marker (`sealedMarkerKey`) has been written for exactly these files. */
  readonly announced: boolean;
  readonly files: readonly CompactedFile[];
  /** Oldest first. */
  readonly absorbed: readonly AbsorbedFiles[];
  /** Oldest first. */
  readonly replaced: readonly ReplacedFiles[];
  readonly updatedAtMs: number;
  /** The keys of a sealed day. Days that were sealed by earlier releases have none until compaction next looks at them. */
  readonly keyFilter?: KeyFilterFile;
  /** The indexes of the day, none of them twice. */
  readonly indexes?: readonly DayIndex[];
}

/** Decides whether the index of a path has an entry for each row of a file. */
export const isIndexed = (
  { indexed = [] }: Pick<CompactedFile, 'indexed'>,
  path: string,
  { indexes = [] }: Pick<Manifest, 'indexes'>,
): boolean => indexed.includes(path) && indexes.some((index) => index.path === path);

const tokenLength = 16;

export const rawFileToken = ({ key, etag }: Pick<ObjectInfo, 'key' | 'etag'>): RawFileToken =>
  createHash('sha256').update(`${key}\n${etag}`).digest('base64url').slice(0, tokenLength);

/** Names a set of compacted files, in whatever order they are. */
export const filesToken = (files: readonly Pick<CompactedFile, 'key'>[]): string =>
  createHash('sha256')
    .update(
      files
        .map(({ key }) => key)
        .sort()
        .join('\n'),
    )
    .digest('base64url')
    .slice(0, tokenLength);

/**
 * Decides whether an object below `raw/` is a file of rows: neither the mark of a folder that a console leaves nor one of the names, begun with
 * `_` or `.`, that Hive and its kin pass over. A file of no bytes is one that was cut short, and no one may pass over it.
 */
export function isRawFile({ key }: Pick<ObjectInfo, 'key'>): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return name !== '' && !name.startsWith('_') && !name.startsWith('.');
}

/** Returns the raw files that the compacted files do not hold yet. Without a manifest that is all of them. */
export function unabsorbedFiles<T extends Pick<ObjectInfo, 'key' | 'etag'>>(
  manifest: Manifest | undefined,
  rawFiles: readonly T[],
): readonly T[] {
  if (!manifest || manifest.absorbed.length === 0) return rawFiles;
  const absorbed = new Set(manifest.absorbed.flatMap(({ tokens }) => tokens));
  return rawFiles.filter((file) => !absorbed.has(rawFileToken(file)));
}
