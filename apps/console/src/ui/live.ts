import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../client';
import type { LiveBatch, LiveRecord } from '../model/facts';

/** Number of records that the page keeps, the newest ones. */
const keptRecords = 2_000;
/** Period in seconds over which a rate is computed. */
const rateSeconds = 10;

/** State of the live view. */
export interface LiveState {
  readonly isConnected: boolean;
  readonly records: readonly LiveRecord[];
  /** Number of records that arrived but were too many to be shown. */
  readonly skipped: number;
  readonly counts: LiveBatch['counts'];
  /** Number of arrivals in each of the last seconds. */
  readonly perSecond: readonly { readonly atMs: number; readonly arrived: number }[];
}

const nothing: LiveState = {
  isConnected: false,
  records: [],
  skipped: 0,
  counts: {},
  perSecond: [],
};

/**
 * A connection shared by all pages. It opens with the first page that needs it and stays open, so that nothing is
 * missed between two.
 */
export class LiveStore {
  #state = nothing;
  readonly #listeners = new Set<() => void>();
  #isStarted = false;
  #lastArrived: number | undefined;
  #isFrameWanted = false;

  constructor(private readonly client: Client) {}

  get state(): LiveState {
    return this.#state;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.client.live(
        (batch) => this.#take(batch),
        (isConnected) => this.#set({ ...this.#state, isConnected }),
      );
    }
    return () => this.#listeners.delete(listener);
  }

  #take({ atMs, counts, records, skipped, settled }: LiveBatch): void {
    const { records: known, skipped: before, perSecond } = this.#state;
    const became = new Map(settled.map((one) => [one.id, one]));
    const last = known.at(-1)?.id ?? 0;
    const first = records[0]?.id ?? Infinity;
    // After a lost connection, the records that are known already arrive again.
    const kept = known.filter(({ id }) => id < first || id > (records.at(-1)?.id ?? 0));
    const merged = [...kept, ...records].sort((a, b) => a.id - b.id).slice(-keptRecords);
    const total = Object.values(counts).reduce((sum, { arrived }) => sum + arrived, 0);
    const arrived = this.#lastArrived === undefined ? 0 : Math.max(0, total - this.#lastArrived);
    this.#lastArrived = total;
    const second = Math.floor(atMs / 1_000) * 1_000;
    const seconds = perSecond.filter((one) => one.atMs > second - 120_000);
    const current = seconds.at(-1);
    const counted =
      current?.atMs === second
        ? [...seconds.slice(0, -1), { atMs: second, arrived: current.arrived + arrived }]
        : [...seconds, { atMs: second, arrived }];
    this.#set({
      isConnected: true,
      // An unchanged record stays the same object, so that its row is not drawn again.
      records: merged.map((one) => {
        const settledNow = became.get(one.id);
        return settledNow ? { ...one, ...settledNow } : one;
      }),
      skipped: before + (last === 0 ? 0 : skipped),
      counts,
      perSecond: counted,
    });
  }

  #set(state: LiveState): void {
    this.#state = state;
    if (this.#isFrameWanted) return;
    this.#isFrameWanted = true;
    // At most once a frame, however many batches arrive.
    requestAnimationFrame(() => {
      this.#isFrameWanted = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

export function useLive(store: LiveStore): LiveState {
  const [state, setState] = useState(store.state);
  useEffect(() => store.listen(() => setState(store.state)), [store]);
  return state;
}

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
