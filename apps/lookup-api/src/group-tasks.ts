import { keyOrder, type KeyText } from '@sluice/lake-layout';
import {
  rowGroupRows,
  type GroupRead,
  type KeyReadPlan,
  type ParquetFooter,
} from '@sluice/parquet-reading';
import type { HeldKey } from './key-value';
import type { LakeFile } from './lake-file';
import { boundsOfGroup, type MomentBounds } from './moments';
import type { RowQuery } from './row-query';

/** A row group that may hold rows of wanted keys. */
export interface GroupTask {
  readonly read: GroupRead;
  /** The wanted keys that the row group may hold, ascending. */
  readonly keys: readonly KeyText[];
  /**
   * Bounds of the moments of these rows; undefined where the file does not tell. May be narrowed while neighbours are
   * read.
   */
  bounds: MomentBounds | undefined;
  /** Number of rows of wanted keys that the row group certainly has. */
  readonly sureRows: number;
}

/** Returns the row groups of a file that a plan reads, with what is known of their rows before they are read. */
export function tasksOf(
  plan: KeyReadPlan,
  held: readonly HeldKey[],
  footer: ParquetFooter,
  { isSorted = false, isTimeOrdered = false }: Pick<LakeFile, 'isSorted' | 'isTimeOrdered'>,
  { eventType, keyColumn }: RowQuery,
): readonly GroupTask[] {
  const order = keyOrder(keyColumn.type);
  const tasks = plan.groups.map((read): GroupTask => ({
    read,
    keys: read.keys.map((index) => held[index]?.text ?? '').sort(order),
    bounds: plan.anyCase ? undefined : boundsOfGroup(footer, read.group, eventType),
    sureRows: isSorted ? 1 : 0,
  }));
  /** Decides whether all rows of the row group, and of its two neighbours, have the same key. */
  const isInner = (at: number): boolean =>
    isSorted && haveOneKey(tasks[at - 1], tasks[at]) && haveOneKey(tasks[at], tasks[at + 1]);
  const inner = tasks.map((task, at) =>
    isInner(at) ? { ...task, sureRows: rowGroupRows(footer, task.read.group) } : task,
  );
  if (isTimeOrdered) {
    const known = new Map<GroupTask, MomentBounds>();
    for (const [at, task] of inner.entries())
      if (isInner(at) && task.bounds) known.set(task, task.bounds);
    narrowNeighbours(inner, known);
  }
  return inner;
}

const haveOneKey = (a: GroupTask | undefined, b: GroupTask | undefined): boolean =>
  a?.keys.length === 1 && b?.keys.length === 1 && a.keys[0] === b.keys[0];

/**
 * Narrows bounds by those of neighbours in a file where rows of a key are in the order of their moments: no row is
 * before any of an earlier row group, or after any of a later one.
 *
 * @param known moments that row groups certainly contain
 */
export function narrowNeighbours(
  tasks: readonly GroupTask[],
  known: ReadonlyMap<GroupTask, MomentBounds>,
): void {
  for (let at = 1; at < tasks.length; at++) {
    const [before, task] = [tasks[at - 1], tasks[at]];
    if (!before || !task?.bounds || !haveOneKey(before, task)) continue;
    const least = known.get(before)?.last ?? before.bounds?.first;
    if (least !== undefined && least > task.bounds.first)
      task.bounds = { ...task.bounds, first: least };
  }
  for (let at = tasks.length - 2; at >= 0; at--) {
    const [task, after] = [tasks[at], tasks[at + 1]];
    if (!after || !task?.bounds || !haveOneKey(task, after)) continue;
    const most = known.get(after)?.first ?? after.bounds?.last;
    if (most !== undefined && most < task.bounds.last) task.bounds = { ...task.bounds, last: most };
  }
}

/** Widens bounds so that they include a moment. */
export const widened = (bounds: MomentBounds | undefined, moment: bigint): MomentBounds => ({
  first: bounds && bounds.first < moment ? bounds.first : moment,
  last: bounds && bounds.last > moment ? bounds.last : moment,
});
