import {
  ingestedAtColumn,
  momentColumns,
  timeColumn,
  type Column,
  type EventType,
} from '@sluice/event-schema';
import type { TimeBounds } from '@sluice/lake-layout';
import { columnLeaf, type ParquetFooter } from '@sluice/parquet-reading';
import { microsOf, parseTime, type Cell } from '@sluice/values';

// The moment of a row is the time of its event, or else of its arrival, or else 1970; in microseconds since 1970.

const microsPerDay = 86_400_000_000n;

/** Smallest and largest moment, both inclusive. */
export interface MomentBounds {
  readonly first: bigint;
  readonly last: bigint;
}

/** Range of wanted moments. */
export interface MomentWindow {
  /** First moment, inclusive. */
  readonly since?: bigint;
  /** End of the range, exclusive. */
  readonly until?: bigint;
}

/** Returns the columns from whose statistics the moments of a row group are known. */
export const boundColumns = (eventType: EventType): readonly string[] =>
  momentColumns(eventType).map(({ name }) => name);

/** Returns the moment of a row. @param time cell of the event type's time column, if there is one */
export function momentOf(time: Cell, ingestedAt: Cell, column: Column | undefined): bigint {
  if (time !== null && column) {
    if (column.type.kind === 'date') return BigInt(time as number) * microsPerDay;
    return time as bigint;
  }
  return typeof ingestedAt === 'bigint' ? ingestedAt : 0n;
}

export const isWithin = (moment: bigint, { since, until }: MomentWindow): boolean =>
  (since === undefined || moment >= since) && (until === undefined || moment < until);

/** Decides whether a moment within the bounds may be wanted. */
export const mayBeWithin = (
  bounds: MomentBounds | undefined,
  { since, until }: MomentWindow,
): boolean =>
  bounds === undefined ||
  ((since === undefined || bounds.last >= since) && (until === undefined || bounds.first < until));

/** Reads a manifest's bounds of a file's moments. */
export function boundsOfFile(moments: TimeBounds | undefined): MomentBounds | undefined {
  const first = moments && parseTime(moments.min);
  const last = moments && parseTime(moments.max);
  return first === undefined || last === undefined ? undefined : { first, last };
}

/** Returns the bounds of a row group's moments from its statistics; undefined where these are missing. */
export function boundsOfGroup(
  footer: ParquetFooter,
  group: number,
  eventType: EventType,
): MomentBounds | undefined {
  const arrival = (): MomentBounds | undefined => {
    const bounds = columnBounds(footer, group, ingestedAtColumn);
    if (!bounds) return undefined;
    return bounds.nulls === 0 ? bounds : { first: least(bounds.first, 0n), last: bounds.last };
  };
  const time = timeColumn(eventType);
  if (!time) return arrival();
  const bounds = columnBounds(footer, group, time);
  if (!bounds || bounds.nulls === 0) return bounds;
  const others = arrival();
  return (
    others && { first: least(bounds.first, others.first), last: most(bounds.last, others.last) }
  );
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function columnBounds(
  footer: ParquetFooter,
  group: number,
  { name }: Column,
): (MomentBounds & { readonly nulls: number | undefined }) | undefined {
  const bounds = footer.columnBounds.get(name);
  const [min, max] = bounds?.boundsOf(group) ?? [];
  const stored = columnLeaf(footer, name)?.type.value;
  if (typeof min !== 'bigint' || typeof max !== 'bigint' || !bounds) return undefined;
  const nulls = bounds.nullsOf(group);
  if (stored?.kind === 'date')
    return { first: min * microsPerDay, last: max * microsPerDay, nulls };
  if (stored?.kind !== 'timestamp') return undefined;
  return { first: microsOf(min, stored.unit), last: microsOf(max, stored.unit), nulls };
}
