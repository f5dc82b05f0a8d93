import pMap from 'p-map';
import type { Column } from '@sluice/event-schema';
import {
  keyOrder,
  ObjectNotFoundError,
  PreconditionFailedError,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { DayFiles, DayFilesReader } from './day-files';
import { compactedLakeFile, rawLakeFile, type FileReader, type LakeFile } from './file-reader';
import { keyText, type KeyValue } from './key-value';
import { RowCollector, type FoundRow, type Position } from './row-collector';

/** Rows of some keys on some days, in the terms of the table. */
export interface RowQuery {
  readonly table: string;
  readonly keyColumn: Column;
  readonly keys: readonly KeyValue[];
  readonly dates: readonly LakeDate[];
  /** What every row carries, in this order. */
  readonly columns: readonly Column[];
  /** The most rows that are wanted. */
  readonly maxRows: number;
  /** Rows up to and including this position are left out. */
  readonly after?: Position;
}

/** What was done for one day, for `explain`. */
export interface DayReport {
  readonly date: LakeDate;
  readonly sealed: boolean;
  readonly compactedFiles: number;
  readonly rawFiles: number;
  /** Files whose smallest and largest key rule the keys out. */
  readonly prunedFiles: number;
  readonly readFiles: readonly FileReport[];
}

export interface FileReport {
  readonly key: string;
  readonly rowGroups: number;
  readonly prunedRowGroups: number;
  readonly rowsMatched: number;
}

export interface FoundRows {
  readonly rows: readonly FoundRow[];
  readonly days: readonly DayReport[];
}

export interface LakeReaders {
  readonly store: Pick<ObjectStore, 'list' | 'get'>;
  readonly dayFiles: DayFilesReader;
  readonly files: FileReader;
}

/** Files of one day that are read at once; days are read at once too. */
const maxParallelFiles = 16;
/** How often a day is begun anew because files vanished under the reader. */
const maxAttempts = 4;

/** Finds rows on every day at once. Each event appears once, in the order of {@link Position}. */
export async function findRows(query: RowQuery, readers: LakeReaders): Promise<FoundRows> {
  const days = await Promise.all(query.dates.map((date) => findOnDay(query, date, readers)));
  const collector = newCollector(query);
  for (const { rows } of days) for (const row of rows) collector.add(row);
  return { rows: collector.rows(), days: days.map(({ report }) => report) };
}

const newCollector = ({ keyColumn, maxRows, after }: RowQuery): RowCollector =>
  new RowCollector(keyOrder(keyColumn.type), maxRows, after);

interface DayRows {
  readonly rows: readonly FoundRow[];
  readonly report: DayReport;
}

async function findOnDay(query: RowQuery, date: LakeDate, readers: LakeReaders): Promise<DayRows> {
  for (let attempt = 1; ; attempt++) {
    const day = await readers.dayFiles.read(readers.store, query.table, date);
    try {
      return await readDay(query, day, readers);
    } catch (error) {
      // Compaction replaced a file between the listing and the reading: look again.
      const isStale =
        error instanceof ObjectNotFoundError || error instanceof PreconditionFailedError;
      if (!isStale || attempt === maxAttempts) throw error;
      readers.dayFiles.forget(query.table, date);
    }
  }
}

async function readDay(query: RowQuery, day: DayFiles, readers: LakeReaders): Promise<DayRows> {
  const order = keyOrder(query.keyColumn.type);
  const keyTexts = query.keys.map((key) => keyText(key, query.keyColumn.type));
  const candidates = day.compacted.filter(({ minKey, maxKey }) =>
    keyTexts.some((key) => order(minKey, key) <= 0 && order(key, maxKey) <= 0),
  );
  const files: readonly LakeFile[] = [
    ...candidates.map(compactedLakeFile),
    ...day.raw.map(rawLakeFile),
  ];
  const collector = newCollector(query);
  const readFiles = await pMap(
    files,
    (file) => readers.files.read(readers.store, file, query, (row) => collector.add(row)),
    { concurrency: maxParallelFiles },
  );
  return {
    rows: collector.rows(),
    report: {
      date: day.date,
      sealed: day.sealed,
      compactedFiles: day.compacted.length,
      rawFiles: day.raw.length,
      prunedFiles: day.compacted.length - candidates.length,
      readFiles,
    },
  };
}
