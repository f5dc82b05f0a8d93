// Sends a late request a second time, and takes whichever answer comes first, because answers of S3 have a long tail:
// one in a hundred takes three times as long as usual.
import {
  isReplaced,
  RangeNotSatisfiableError,
  type GetOptions,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';

type ReadStore = Pick<ObjectStore, 'list' | 'get'>;

/** Calls back after some milliseconds. The returned function cancels the call. */
export type Schedule = (ms: number, callback: () => void) => () => void;

export interface HedgingOptions {
  /** Largest share of second requests among all requests. @default 0.05 */
  readonly budget?: number;
  readonly now?: () => number;
  readonly schedule?: Schedule;
}

/** Kind of a request. Requests of one kind take similar times. */
type RequestKind = 'range' | 'whole' | 'list';

/** Number of latencies that are remembered for each kind; older ones say less about the current state of S3. */
const rememberedLatencies = 512;
/** Number of latencies that must be known before any request counts as late. */
const minLatencies = 20;
/** Number of latencies after which the delay is computed again. */
const latenciesPerDelay = 16;
/** Shortest delay in milliseconds. With a shorter one, fluctuations of this process would count as lateness. */
const minDelayMs = 5;
/** Milliseconds that a request may take longer than the usual ones without counting as late. */
const marginMs = 1;
/** Largest number of second requests that may be sent at once, after a time without any. */
const maxSavedHedges = 8;

const afterTimeout: Schedule = (ms, callback) => {
  const timer = setTimeout(callback, ms);
  return () => {
    clearTimeout(timer);
  };
};

/**
 * Remembers how long requests took, to decide which are late, and how many second requests the budget still allows.
 * One object serves all look-ups of a function. No second request is sent before some requests were answered.
 */
export class Hedging {
  readonly #latencies: Readonly<Record<RequestKind, RecentLatencies>>;
  readonly #budget: number;
  readonly #now: () => number;
  readonly #schedule: Schedule;
  /** Number of second requests that may be sent. It grows by the budget with every request. */
  #saved = 0;

  constructor({
    budget = 0.05,
    now = () => performance.now(),
    schedule = afterTimeout,
  }: HedgingOptions = {}) {
    this.#budget = budget;
    this.#now = now;
    this.#schedule = schedule;
    const latencies = (): RecentLatencies => new RecentLatencies(1 - budget);
    this.#latencies = { range: latencies(), whole: latencies(), list: latencies() };
  }

  /**
   * Returns a store that sends late requests a second time and cancels the slower of the two.
   *
   * @param onHedge called for each second request
   */
  over(store: ReadStore, onHedge: () => void = () => undefined): ReadStore {
    return {
      get: (key: string, options: GetOptions = {}) =>
        this.#request(
          options.range ? 'range' : 'whole',
          (signal) => store.get(key, { ...options, signal }),
          options.signal,
          onHedge,
        ),
      list: (prefix: string, options: ListOptions = {}) =>
        listedAtOnce(
          this.#request(
            'list',
            (signal) => collected(store.list(prefix, { ...options, signal })),
            options.signal,
            onHedge,
          ),
        ),
    };
  }

  #request<T>(
    kind: RequestKind,
    send: (signal: AbortSignal) => Promise<T>,
    outer: AbortSignal | undefined,
    onHedge: () => void,
  ): Promise<T> {
    const latencies = this.#latencies[kind];
    const begunMs = this.#now();
    this.#saved = Math.min(maxSavedHedges, this.#saved + this.#budget);
    return new Promise<T>((resolve, reject) => {
      const running = new Set<AbortController>();
      let isSettled = false;
      const settle = (how: () => void): void => {
        if (isSettled) return;
        isSettled = true;
        cancelTimer();
        for (const slower of running) slower.abort();
        how();
      };
      const begin = (): void => {
        const controller = new AbortController();
        running.add(controller);
        send(outer ? AbortSignal.any([outer, controller.signal]) : controller.signal).then(
          (answer) => {
            running.delete(controller);
            // For a late request that was overtaken, it is only known that it took longer than this.
            if (!isSettled) latencies.add(this.#now() - begunMs);
            settle(() => {
              resolve(answer);
            });
          },
          (error: unknown) => {
            running.delete(controller);
            if (isAnswer(error) || running.size === 0)
              settle(() => {
                reject(error instanceof Error ? error : new Error(String(error)));
              });
          },
        );
      };
      const delayMs = latencies.lateAfterMs;
      const cancelTimer =
        delayMs === undefined
          ? () => undefined
          : this.#schedule(Math.max(minDelayMs, delayMs + marginMs), () => {
              if (this.#saved < 1 || outer?.aborted === true) return;
              this.#saved--;
              onHedge();
              begin();
            });
      begin();
    });
  }
}

/** Decides whether an error is S3's answer about the object, which a second request would get too. */
const isAnswer = (error: unknown): boolean =>
  isReplaced(error) || error instanceof RangeNotSatisfiableError;

async function collected(files: AsyncIterable<ObjectInfo>): Promise<readonly ObjectInfo[]> {
  const list: ObjectInfo[] = [];
  for await (const file of files) list.push(file);
  return list;
}

async function* listedAtOnce(files: Promise<readonly ObjectInfo[]>): AsyncGenerator<ObjectInfo> {
  yield* await files;
}

/** The last latencies of one kind of request. */
class RecentLatencies {
  readonly #ms = new Float64Array(rememberedLatencies);
  #added = 0;
  #lateAfterMs: number | undefined;

  /** @param part share of the requests that are not late; the others may be sent a second time */
  constructor(readonly part: number) {}

  /** The latency that at most the allowed share of requests exceeds; undefined while too few latencies are known. */
  get lateAfterMs(): number | undefined {
    return this.#lateAfterMs;
  }

  add(ms: number): void {
    this.#ms[this.#added % rememberedLatencies] = ms;
    this.#added++;
    if (this.#added < minLatencies) return;
    if (this.#lateAfterMs !== undefined && this.#added % latenciesPerDelay !== 0) return;
    const known = this.#ms.slice(0, Math.min(this.#added, rememberedLatencies)).sort();
    this.#lateAfterMs = known[Math.ceil(known.length * this.part) - 1];
  }
}
