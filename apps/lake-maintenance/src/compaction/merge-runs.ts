import { keyColumn } from '@sluice/event-schema';
import { keyOrder, type CompactedFile, type KeyOrder, type KeyText } from '@sluice/lake-layout';
import type { LookupLayout } from '@sluice/parquet-writing';
import { readCountedCopies } from './counted-copies';
import { commonIndexes, indexFileOptions, nextRun } from './day-indexes';
import { mergeSorted } from './merge-sorted';
import { planMerge } from './plan-merge';
import type { IndexMergingStep } from './plan-step';
import { RowSet } from './row-set';
import { sortedFiles } from './sorted-files';
import { nothingChanged, type StepContext, type StepResult } from './step';
import { layoutFor, sampleRows, writeCompactedFile } from './write-run';

/** Rows that a merge reads from a source at a time. */
const blockRows = 16_384;

/**
 * Merges runs, one group of overlapping files after the other, in memory that does not grow with the number of rows.
 */
export async function merge(
  files: readonly CompactedFile[],
  context: StepContext,
): Promise<StepResult> {
  const { store, eventType, run, mustStop } = context;
  const order = keyOrder(keyColumn(eventType).type);
  const layout = await sampleLayout(files, order, context);
  const { kept, groups } = planMerge(files, order, layout.fileRows);
  const written: CompactedFile[] = [];
  const replaced: CompactedFile[] = [];
  const result = (trimmed: readonly CompactedFile[], complete: boolean): StepResult => ({
    files: [...kept.map((file) => ({ ...file, run })), ...written],
    replaced,
    trimmed,
    absorbed: [],
    complete,
  });

  for (const group of groups) {
    if (mustStop()) return result([], false);
    const sources = [...byRun(group).values()].map((members) =>
      sortedFiles(members, { store, eventType, order, blockRows }),
    );
    const indexed = commonIndexes(group);
    // While one file is being encoded, the rows of the next are merged.
    let writing: Promise<CompactedFile> | undefined;
    const parts = mergeSorted(sources, {
      eventType,
      partRows: layout.fileRows,
      countedCopies: (rows, key) =>
        readCountedCopies(rows.keyText(key), group, { store, eventType, order }),
    });
    for await (const part of parts) {
      if (writing) written.push(await writing);
      writing = writeCompactedFile(part.rows, part.order, layout, { ...context, indexed });
      writing.catch(() => undefined);
      const last = part.order.at(-1) ?? 0;
      if (part.next === undefined || !part.rows.keyDiffers(last, part.next) || !mustStop())
        continue;
      written.push(await writing);
      const nextKey = part.rows.keyText(part.next);
      const isConsumed = ({ maxKey }: CompactedFile): boolean => order(maxKey, nextKey) < 0;
      replaced.push(...group.filter(isConsumed));
      return result(
        group.filter((file) => !isConsumed(file)).map((file) => trim(file, nextKey, order)),
        false,
      );
    }
    if (writing) written.push(await writing);
    replaced.push(...group);
  }
  return result([], true);
}

/** Merges runs of an index as those of a table are. */
export async function mergeIndex(
  { path, files }: IndexMergingStep,
  context: StepContext,
): Promise<StepResult> {
  const { dayIndexes } = context;
  const before = dayIndexes.find((each) => each.path === path)?.files ?? [];
  const merged = await merge(files, {
    ...context,
    ...indexFileOptions(context, path),
    columnIds: undefined,
    chooseLayout: layoutFor,
    run: nextRun(before),
  });
  const changed = new Set(
    [...merged.files, ...merged.replaced, ...merged.trimmed].map(({ key }) => key),
  );
  const after = [
    ...before.filter(({ key }) => !changed.has(key)),
    ...merged.trimmed,
    ...merged.files,
  ];
  return {
    ...nothingChanged,
    indexes: dayIndexes.map((each) => (each.path === path ? { ...each, files: after } : each)),
    complete: merged.complete,
  };
}

/** Chooses the layout of merged rows from the first rows of the largest file. */
async function sampleLayout(
  files: readonly CompactedFile[],
  order: KeyOrder,
  { store, eventType, chooseLayout }: StepContext,
): Promise<LookupLayout> {
  const [largest] = [...files].sort((a, b) => b.rows - a.rows);
  const rows = new RowSet(eventType);
  const blocks = sortedFiles(largest ? [largest] : [], { store, eventType, order, blockRows: 1 });
  for await (const block of blocks) {
    rows.append(block);
    if (rows.rows >= sampleRows) break;
  }
  return chooseLayout(rows, rows.sortedOrder());
}

const trim = (file: CompactedFile, minKey: KeyText, order: KeyOrder): CompactedFile =>
  order(file.minKey, minKey) < 0 ? { ...file, minKey } : file;

function byRun(files: readonly CompactedFile[]): ReadonlyMap<number, readonly CompactedFile[]> {
  const runs = new Map<number, CompactedFile[]>();
  for (const file of files) runs.set(file.run, [...(runs.get(file.run) ?? []), file]);
  return runs;
}
