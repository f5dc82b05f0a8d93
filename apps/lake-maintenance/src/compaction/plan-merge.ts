import type { CompactedFile, KeyOrder } from '@sluice/lake-layout';

/** Plan of a merge of files into one run. */
export interface MergePlan {
  /** Files that overlap no file of another run; they are kept unchanged. */
  readonly kept: readonly CompactedFile[];
  /** Groups of files whose rows are rewritten, in ascending order of key; the ranges of two groups don't overlap. */
  readonly groups: readonly (readonly CompactedFile[])[];
}

/**
 * Plans a merge in which only overlapping files are rewritten, so that keys that grow with time cost next to nothing.
 *
 * @param fileRows rows for a file; neighbours that together have at most this many become one file
 */
export function planMerge(
  files: readonly CompactedFile[],
  order: KeyOrder,
  fileRows: number,
): MergePlan {
  const groups: Group[] = [];
  for (const file of [...files].sort(
    (a, b) => order(a.minKey, b.minKey) || order(a.maxKey, b.maxKey),
  )) {
    const last = groups.at(-1);
    if (last && (order(file.minKey, last.maxKey) <= 0 || last.rows + file.rows <= fileRows)) {
      last.files.push(file);
      last.rows += file.rows;
      if (order(file.maxKey, last.maxKey) > 0) last.maxKey = file.maxKey;
    } else groups.push({ files: [file], rows: file.rows, maxKey: file.maxKey });
  }
  const isDone = ({ files: members, rows }: Group): boolean =>
    members.length === 1 || (sameRun(members) && rows > fileRows);
  return {
    kept: groups.filter(isDone).flatMap((group) => group.files),
    groups: groups.filter((group) => !isDone(group)).map((group) => group.files),
  };
}

interface Group {
  readonly files: CompactedFile[];
  rows: number;
  maxKey: string;
}

/** Decides whether all files belong to one run. Such files share only a key that has more rows than a file. */
const sameRun = (files: readonly CompactedFile[]): boolean =>
  files.every(({ run }) => run === files[0]?.run);
