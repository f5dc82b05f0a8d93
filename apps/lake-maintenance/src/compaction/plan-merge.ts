import type { CompactedFile, KeyOrder } from '@sluice/lake-layout';

/** What a merge of files into one run has to do. */
export interface MergePlan {
  /** Files that overlap no file of another run: they stay as they are. */
  readonly kept: readonly CompactedFile[];
  /** Files whose rows are written anew, in ascending order of key; the ranges of two groups do not overlap. */
  readonly groups: readonly (readonly CompactedFile[])[];
}

/** Neighbours that have no more bytes than that together become one file. */
const joinedBytes = 8 * 2 ** 20;

/** Plans a merge so that only what overlaps is written again: keys that grow with time cost next to nothing. */
export function planMerge(files: readonly CompactedFile[], order: KeyOrder): MergePlan {
  const groups: Group[] = [];
  for (const file of [...files].sort(
    (a, b) => order(a.minKey, b.minKey) || order(a.maxKey, b.maxKey),
  )) {
    const last = groups.at(-1);
    if (last && (order(file.minKey, last.maxKey) <= 0 || last.bytes + file.bytes <= joinedBytes)) {
      last.files.push(file);
      last.bytes += file.bytes;
      if (order(file.maxKey, last.maxKey) > 0) last.maxKey = file.maxKey;
    } else groups.push({ files: [file], bytes: file.bytes, maxKey: file.maxKey });
  }
  const isDone = ({ files: members, bytes }: Group): boolean =>
    members.length === 1 || (sameRun(members) && bytes > joinedBytes);
  return {
    kept: groups.filter(isDone).flatMap((group) => group.files),
    groups: groups.filter((group) => !isDone(group)).map((group) => group.files),
  };
}

interface Group {
  readonly files: CompactedFile[];
  bytes: number;
  maxKey: string;
}

/** Files of one run touch only in a key that has more rows than a file. */
const sameRun = (files: readonly CompactedFile[]): boolean =>
  files.every(({ run }) => run === files[0]?.run);
