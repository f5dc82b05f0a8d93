import type { EventType } from '@sluice/event-schema';
import type { ColumnIds } from '@sluice/iceberg-metadata';
import type {
  CompactedFile,
  DayIndex,
  KeyFilterFile,
  LakeDate,
  LateCounts,
  ObjectInfo,
  ObjectStore,
} from '@sluice/lake-layout';
import type { LateRows } from './later-copies';
import type { ParquetCodec } from './parquet-codec';
import type { ChooseLayout } from './write-run';

export interface StepContext {
  readonly store: ObjectStore;
  readonly eventType: EventType;
  readonly date: LakeDate;
  readonly codec: ParquetCodec;
  readonly chooseLayout: ChooseLayout;
  /** Ids of the columns, for the files that are written. */
  readonly columnIds?: ReadonlyMap<string, ColumnIds> | undefined;
  /** Compacted files of the day before the step. */
  readonly dayFiles: readonly CompactedFile[];
  /** Indexes of the day before the step. */
  readonly dayIndexes: readonly DayIndex[];
  /** Number of the run that the step writes. */
  readonly run: number;
  /** Called for a file that can't be read, with a reason for the operators of the lake. */
  readonly refuse: (file: Pick<ObjectInfo, 'key'>, reason: string) => void;
  /** Decides whether the time is up; called after every written file. */
  readonly mustStop: () => boolean;
}

/** Changes of the manifest by a step. */
export interface StepResult {
  /** Files of the new run, either written or taken over from another run. */
  readonly files: readonly CompactedFile[];
  /** Files of older runs whose rows are all in files of the new run. */
  readonly replaced: readonly CompactedFile[];
  /**
   * Files that are kept with other metadata: the remaining range of a file that an interrupted merge has begun, or a
   * new description.
   */
  readonly trimmed: readonly CompactedFile[];
  readonly absorbed: readonly ObjectInfo[];
  /**
   * Collects the rows of raw files that were written when a later day may have been compacted already; undefined
   * without such files.
   */
  readonly late?: (() => LateRows | undefined) | undefined;
  /** The absorbed rows by how late they were; undefined without such rows, or where they have no time. */
  readonly lateCounts?: LateCounts | undefined;
  /** Filter of the keys of all files of the day. */
  readonly keyFilter?: KeyFilterFile;
  /** All indexes of the day after the step; undefined where they stay as they were. */
  readonly indexes?: readonly DayIndex[];
  /** False where more is to be done, because the time was up, the memory full or a raw file unreadable. */
  readonly complete: boolean;
}

/** Result of a step that changes no file. */
export const nothingChanged: StepResult = {
  files: [],
  replaced: [],
  trimmed: [],
  absorbed: [],
  complete: true,
};
