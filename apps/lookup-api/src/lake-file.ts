import type { CompactedFile, ObjectInfo } from '@sluice/lake-layout';

/** A version of an object in the lake. */
export interface LakeFile {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** Size of the footer; present for compacted files. */
  readonly footerBytes?: number;
  readonly footerCrc32?: number;
  /** True where all keys are UUIDs in lower case; present for compacted files. */
  readonly lowerCaseKeys?: boolean;
  /** True where rows are sorted by key, so that those of one key are adjacent. */
  readonly isSorted?: boolean;
  /** True where rows of one key are in the order of their moments. */
  readonly isTimeOrdered?: boolean;
  /** The packed footer, for compacted files whose manifest has it. */
  readonly packedFooter?: string;
}

export const compactedLakeFile = ({
  key,
  bytes,
  etag,
  footerBytes,
  footerCrc32,
  lowerCaseKeys,
  firstRow,
  packedFooter,
}: CompactedFile): LakeFile => ({
  key,
  bytes,
  etag,
  footerBytes,
  isSorted: true,
  isTimeOrdered: firstRow !== undefined,
  ...(footerCrc32 !== undefined && { footerCrc32 }),
  ...(lowerCaseKeys !== undefined && { lowerCaseKeys }),
  ...(packedFooter !== undefined && { packedFooter }),
});

export const rawLakeFile = ({ key, bytes, etag }: ObjectInfo): LakeFile => ({ key, bytes, etag });

/** Returns what distinguishes a version of an object from all others. */
export const versionId = ({ key, etag }: LakeFile): string => `${etag} ${key}`;
