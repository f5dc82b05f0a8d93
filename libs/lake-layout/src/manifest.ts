import { createHash } from 'node:crypto';
import type { KeyText } from './key-text';
import type { LakeDate } from './keys';
import type { ObjectInfo } from './object-store';

/** Smallest and largest time, both inclusive, in UTC, such as `2026-11-20 10:00:00.123456`. */
export interface TimeBounds {
  readonly min: string;
  readonly max: string;
}

/** Position of a row among those of its key: by its moment, then by `event_id`. */
export interface RowPosition {
  /** The time of the event, or else of its arrival, in the form of {@link TimeBounds}. */
  readonly moment: string;
  /** `event_id` of the row; empty where it has none. */
  readonly eventId: string;
}

/** Numbers of rows by how long after their own time they arrived; each is in one of them at most. */
export interface LateCounts {
  /** More than a minute, at most an hour. */
  readonly minutes: number;
  /** More than an hour, at most a day. */
  readonly hours: number;
  /** More than a day. */
  readonly days: number;
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
  /** Size of the footer in bytes: metadata, its length field and the closing magic. */
  readonly footerBytes: number;
  /** CRC-32 of the footer. Missing for files of earlier releases. */
  readonly footerCrc32?: number;
  /**
   * True where every key that is a UUID is in lower case, in which look-ups ask for it. Missing for files of earlier
   * releases, whose keys are as they were sent.
   */
  readonly lowerCaseKeys?: boolean;
  /**
   * Number of the file's run. The key ranges of files in one run don't overlap, so that a key is in at most one file
   * of each run.
   */
  readonly run: number;
  /**
   * Position of the first and of the last row. Where these are present, rows of one key are in the order of {@link
   * RowPosition}; in files of earlier releases they are in the order of `event_id`.
   */
  readonly firstRow?: RowPosition;
  readonly lastRow?: RowPosition;
  /** Bounds of the rows' moments: of the event's time where it has one, else of its arrival. */
  readonly moments?: TimeBounds;
  /**
   * Bounds of the column that the event type names as `time`, and the number of rows without a value; missing where
   * no row has one.
   */
  readonly time?: TimeBounds & { readonly nulls: number };
  /** Bounds of `ingested_at`. */
  readonly arrivals?: TimeBounds;
  /**
   * The part of the footer that a look-up needs, packed by `packFooter` of parquet-reading, in base64, so that the
   * footer need not be read. Files of earlier releases have none until compaction next examines their day.
   */
  readonly packedFooter?: string;
  /**
   * True where all times of the file are in microseconds, as Iceberg requires. Files of earlier releases have some in
   * milliseconds until compaction rewrites them.
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
  /** Object that tells where a sealed day's rows of each value are, for look-ups that know nothing of the day. */
  readonly places?: PlacesFile;
}

/** An object that names the row groups of values; see {@link RowPlacesBuilder}. Its key tells its size. */
export interface PlacesFile {
  readonly key: string;
  readonly bytes: number;
  /** Token of the files of the day ({@link filesToken}). For other files the places are not valid. */
  readonly of: string;
}

/**
 * An object with a filter of a sealed day's keys: it recognises every key that the day holds, and rules out most
 * others.
 */
export interface KeyFilterFile {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** Number of distinct keys of the day. */
  readonly keys: number;
  /** Token of the files whose keys these are ({@link filesToken}). For other files the filter is not valid. */
  readonly of: string;
  /** Form in which the keys were written as texts. A reader that writes them in another form can't use the filter. */
  readonly keyForm: string;
}

/**
 * Identifies one content of one raw file: 96 bits of a SHA-256 over key and ETag, in base64url. A key that is written
 * again with other bytes has another token. This keeps a day of 1,440 files below 30 KB.
 */
export type RawFileToken = string;

/** Raw files that one commit absorbed. */
export interface AbsorbedFiles {
  readonly atMs: number;
  readonly tokens: readonly RawFileToken[];
}

/** Compacted files that one commit replaced. They are kept for a grace period, for readers of the previous manifest. */
export interface ReplacedFiles {
  readonly atMs: number;
  readonly keys: readonly string[];
}

/**
 * The files that make up one table on one day. Changes only by conditional PUT.
 *
 * A reader takes `files` and every raw file that is not absorbed ({@link unabsorbedFiles}), and removes duplicates by
 * `event_id`. For a sealed day it takes only `files`, without listing anything: a raw file that arrives later becomes
 * visible with the next compaction, which changes the manifest.
 *
 * An absorbed raw file is deleted after a grace period, and its token leaves the manifest only in a later commit. So
 * a reader that listed raw files some seconds before it read the manifest is right too. If a listed file is gone
 * nevertheless, it has to read manifest and list again.
 */
export interface Manifest {
  /** Version of the manifest that was read. A manifest is written with the lowest version that can express it. */
  readonly formatVersion: 1 | 2;
  readonly table: string;
  readonly date: LakeDate;
  /** True where no more raw files are expected: each key is in exactly one file. */
  readonly sealed: boolean;
  /** True once the "day sealed" marker (`sealedMarkerKey`) has been written for exactly these files. */
  readonly announced: boolean;
  readonly files: readonly CompactedFile[];
  /** Absorbed raw files, the oldest commit first. */
  readonly absorbed: readonly AbsorbedFiles[];
  /** Replaced compacted files, the oldest commit first. */
  readonly replaced: readonly ReplacedFiles[];
  readonly updatedAtMs: number;
  /** Filter of a sealed day's keys. Days that earlier releases sealed have none until compaction next examines them. */
  readonly keyFilter?: KeyFilterFile;
  /** The indexes of the day, none of them twice. */
  readonly indexes?: readonly DayIndex[];
  /**
   * Rows of the raw files that were absorbed, by how late they were; an event that arrived twice counts twice. Missing for event
   * types without a time, and in what earlier releases absorbed.
   */
  readonly late?: LateCounts;
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

/** Returns a token for a set of compacted files, in any order. */
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
 * Decides whether an object below `raw/` is a file of rows. It is not one where it marks a folder, as consoles
 * create, or where its name begins with `_` or `.`, which Hive and similar programs ignore. An empty file counts as
 * one: it was cut short, and must not be ignored.
 */
export function isRawFile({ key }: Pick<ObjectInfo, 'key'>): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return name !== '' && !name.startsWith('_') && !name.startsWith('.');
}

/** Returns the raw files whose rows are not in compacted files yet. Without a manifest these are all of them. */
export function unabsorbedFiles<T extends Pick<ObjectInfo, 'key' | 'etag'>>(
  manifest: Manifest | undefined,
  rawFiles: readonly T[],
): readonly T[] {
  if (!manifest || manifest.absorbed.length === 0) return rawFiles;
  const absorbed = new Set(manifest.absorbed.flatMap(({ tokens }) => tokens));
  return rawFiles.filter((file) => !absorbed.has(rawFileToken(file)));
}
