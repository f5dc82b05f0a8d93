import type { LiveBatch, LiveRecord } from './facts';

/** Number of records that the page keeps, the newest ones. */
const keptRecords = 2_000;
/** Period in seconds over which a rate is computed. */
const rateSeconds = 10;

/** State of the live view. */
export interface LiveState {
  readonly isConnected: boolean;
  /** Moment at which the feed began; undefined before its first batch. */
  readonly sinceMs?: number;
  readonly records: readonly LiveRecord[];
  /** Number of records that arrived but were too many to be shown. */
  readonly skipped: number;
  readonly counts: LiveBatch['counts'];
  /** Number of arrivals in each of the last seconds. */
  readonly perSecond: readonly { readonly atMs: number; readonly arrived: number }[];
}

export const nothingYet: LiveState = {
  isConnected: false,
  records: [],
  skipped: 0,
  counts: {},
  perSecond: [],
};

/**
 * Returns the state after a batch. A new feed, after the stack restarted or took new definitions, counts from one
 * again, so the state of the previous feed is dropped.
 */
export function afterBatch(state: LiveState, batch: LiveBatch): LiveState {
  const { atMs, sinceMs, counts, records, skipped, settled } = batch;
  const isAnother = state.sinceMs !== undefined && state.sinceMs !== sinceMs;
  const { records: known, skipped: before, counts: knownCounts } = isAnother ? nothingYet : state;
  const became = new Map(settled.map((one) => [one.id, one]));
  const first = records[0]?.id ?? Infinity;
  // After a lost connection, the records that are known already arrive again.
  const kept = known.filter(({ id }) => id < first || id > (records.at(-1)?.id ?? 0));
  const merged = [...kept, ...records].sort((a, b) => a.id - b.id).slice(-keptRecords);
  // Records from before the page was opened did not arrive in the current second.
  const arrived = state.sinceMs === undefined ? 0 : arrivedIn(counts) - arrivedIn(knownCounts);
  const second = Math.floor(atMs / 1_000) * 1_000;
  const seconds = state.perSecond.filter((one) => one.atMs > second - 120_000);
  const current = seconds.at(-1);
  return {
    isConnected: true,
    sinceMs,
    // An unchanged record stays the same object, so that its row is not drawn again.
    records: merged.map((one) => {
      const settledNow = became.get(one.id);
      return settledNow ? { ...one, ...settledNow } : one;
    }),
    skipped: before + (known.length === 0 ? 0 : skipped),
    counts,
    perSecond:
      current?.atMs === second
        ? [...seconds.slice(0, -1), { atMs: second, arrived: current.arrived + arrived }]
        : [...seconds, { atMs: second, arrived }],
  };
}

const arrivedIn = (counts: LiveBatch['counts']): number =>
  Object.values(counts).reduce((sum, { arrived }) => sum + arrived, 0);

/** Returns the number of records that arrive each second. */
export function arrivalRate({ perSecond }: LiveState, nowMs: number): number {
  const from = nowMs - rateSeconds * 1_000;
  return (
    perSecond.filter(({ atMs }) => atMs >= from).reduce((sum, { arrived }) => sum + arrived, 0) /
    rateSeconds
  );
}

/** Returns the number of records in the streams, of all tables or of one. */
export function inStream({ records }: LiveState, table?: string): number {
  return records.filter(
    (one) => one.state === 'in the stream' && (table === undefined || one.table === table),
  ).length;
}

/** Returns the arrival of the oldest record that is in the streams, in milliseconds since 1970. */
export const oldestInStream = ({ records }: LiveState): number | undefined =>
  records.find((one) => one.state === 'in the stream')?.arrivedMs;
