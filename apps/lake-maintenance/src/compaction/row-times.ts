import type { ArrowColumn } from '@sluice/columns';
import type { Column } from '@sluice/event-schema';
import type { CompactedFile, LateCounts, TimeBounds } from '@sluice/lake-layout';
import { sqlTimeText } from '@sluice/values';

interface TimeColumn {
  readonly store: ArrowColumn;
  readonly microsPerUnit: bigint;
}

const microsPerDay = 86_400_000_000n;
const microsPerMinute = 60_000_000;

/** Returns the microseconds in a unit of a column of dates or times, as Arrow holds it. */
export function microsPerUnit({ type }: Pick<Column, 'type'>): bigint {
  if (type.kind === 'date') return microsPerDay;
  return type.kind === 'timestamp' && type.digits > 3 ? 1n : 1_000n;
}

const timeColumnOf = (store: ArrowColumn, column: Column): TimeColumn => ({
  store,
  microsPerUnit: microsPerUnit(column),
});

/** Writes microseconds since 1970 in the form of manifests. */
const momentText = (micros: bigint): string => sqlTimeText(micros, 'micros', 6);

/** The moments of the rows of a set: of the event's time, or else of its arrival, or else 1970. */
export class RowTimes {
  readonly #time: TimeColumn | undefined;
  readonly #arrival: TimeColumn;
  /** Moments of all rows in microseconds, computed once rows with and without a time have to be compared. */
  #all: readonly bigint[] = [];

  constructor({
    time,
    arrival,
  }: {
    readonly time: { readonly store: ArrowColumn; readonly column: Column } | undefined;
    readonly arrival: { readonly store: ArrowColumn; readonly column: Column };
  }) {
    this.#time = time && timeColumnOf(time.store, time.column);
    this.#arrival = timeColumnOf(arrival.store, arrival.column);
  }

  /** Compares two rows by their moments. */
  compare(a: number, b: number): number {
    const times = this.#time?.store;
    const nullA = times?.isNull(a) ?? true;
    const nullB = times?.isNull(b) ?? true;
    if (times && !nullA && !nullB) return times.compare(a, b);
    if (nullA && nullB) return this.compareArrivals(a, b);
    const { length } = this.#arrival.store;
    if (this.#all.length !== length)
      this.#all = Array.from({ length }, (_, row) => this.momentOf(row));
    return Number((this.#all[a] ?? 0n) - (this.#all[b] ?? 0n));
  }

  /** Compares two rows by their arrival; a row without one comes first. */
  compareArrivals(a: number, b: number): number {
    const { store } = this.#arrival;
    const nullA = store.isNull(a);
    const nullB = store.isNull(b);
    return nullA || nullB ? Number(nullB) - Number(nullA) : store.compare(a, b);
  }

  /** Returns the moment of a row in microseconds since 1970. */
  momentOf(row: number): bigint {
    return (this.#time && microsAt(this.#time, row)) ?? this.arrivalOf(row);
  }

  /** Returns the time of arrival of a row in microseconds since 1970. */
  arrivalOf(row: number): bigint {
    return microsAt(this.#arrival, row) ?? 0n;
  }

  /** Counts the rows by how long after their own time they arrived; undefined where rows have no time. */
  lateCounts(): LateCounts | undefined {
    if (!this.#time) return undefined;
    const microsOf = ({ store, microsPerUnit }: TimeColumn): Float64Array => {
      const unit = Number(microsPerUnit);
      return store.ranks().map((value) => value * unit);
    };
    const [times, arrivals] = [microsOf(this.#time), microsOf(this.#arrival)];
    const counts = { minutes: 0, hours: 0, days: 0 };
    for (const [row, time] of times.entries()) {
      if (this.#time.store.isNull(row) || this.#arrival.store.isNull(row)) continue;
      const lateMicros = (arrivals[row] ?? 0) - time;
      if (lateMicros > microsPerMinute * 1_440) counts.days++;
      else if (lateMicros > microsPerMinute * 60) counts.hours++;
      else if (lateMicros > microsPerMinute) counts.minutes++;
    }
    return counts;
  }

  momentText(row: number): string {
    return momentText(this.momentOf(row));
  }

  /** Returns the members of a manifest about the times of rows. */
  boundsOf(rows: Uint32Array): Pick<CompactedFile, 'moments' | 'time' | 'arrivals'> {
    const arrivals = extremes(this.#arrival.store, rows);
    const times = this.#time && extremes(this.#time.store, rows);
    const isTimed = (row: number): boolean => this.#time?.store.isNull(row) === false;
    const untimed =
      !times || times.nulls === rows.length ? rows : rows.filter((row) => !isTimed(row));
    const places = [
      ...(times?.bounds ?? []),
      ...(untimed.length > 0 ? this.#arrivalBounds(untimed) : []),
    ].map((row) => this.momentOf(row));
    return {
      moments: boundsText(places),
      ...(times?.bounds && {
        time: {
          ...boundsText(times.bounds.map((row) => this.momentOf(row))),
          nulls: times.nulls,
        },
      }),
      ...(arrivals.bounds && {
        arrivals: boundsText(this.#arrivalBounds(rows).map((row) => this.arrivalOf(row))),
      }),
    };
  }

  /** Returns the rows that arrived first and last; a row without an arrival counts as 1970. */
  #arrivalBounds(rows: Uint32Array): readonly number[] {
    const { bounds = [], nulls } = extremes(this.#arrival.store, rows);
    const { store } = this.#arrival;
    const without = nulls > 0 ? rows.find((row) => store.isNull(row)) : undefined;
    return without === undefined ? bounds : [...bounds, without];
  }
}

const boundsText = (micros: readonly bigint[]): TimeBounds => {
  const [first = 0n] = micros;
  const min = micros.reduce((least, each) => (each < least ? each : least), first);
  const max = micros.reduce((most, each) => (each > most ? each : most), first);
  return { min: momentText(min), max: momentText(max) };
};

function microsAt({ store, microsPerUnit }: TimeColumn, row: number): bigint | undefined {
  if (store.isNull(row)) return undefined;
  const [value = 0] = store.take(Uint32Array.of(row)).values as Int32Array | BigInt64Array;
  return BigInt(value) * microsPerUnit;
}

/** Returns the rows with the smallest and the largest value, and the number of rows without one. */
function extremes(
  store: ArrowColumn,
  rows: Uint32Array,
): { readonly bounds?: readonly [min: number, max: number]; readonly nulls: number } {
  let min = -1;
  let max = -1;
  let nulls = 0;
  for (const row of rows) {
    if (store.isNull(row)) nulls++;
    else {
      if (min < 0 || store.compare(row, min) < 0) min = row;
      if (max < 0 || store.compare(row, max) > 0) max = row;
    }
  }
  return min < 0 ? { nulls } : { bounds: [min, max], nulls };
}
