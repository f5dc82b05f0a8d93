// Answers of S3 have a long tail: one in a hundred takes three times as long as the usual one. A request that is late is sent a
// second time, and whichever answers first counts.
import {
  ObjectNotFoundError,
  PreconditionFailedError,
  RangeNotSatisfiableError,
  type GetOptions,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';

type ReadStore = Pick<ObjectStore, 'list' | 'get'>;

/** Calls back after some milliseconds, unless what it returns is called before. */
export type Schedule = (ms: number, callback: () => void) => () => void;

export interface HedgingOptions {
  /** The most second requests that are sent, as a part of all requests. @default 0.05 */
  readonly budget?: number;
  readonly now?: () => number;
  readonly schedule?: Schedule;
}

/** Requests of one kind take about as long as each other. */
type RequestKind = 'range' | 'whole' | 'list';

/** Latencies that are remembered of each kind; older ones say less of S3 as it is now. */
const rememberedLatencies = 512;
/** With fewer, nobody knows what is late. */
const leastLatencies = 20;
/** How often the delay is worked out anew. */
const latenciesPerDelay = 16;
/** A shorter delay would take the noise of this process for lateness. */
const leastDelayMs = 5;
/** What is slower than the requests that are not late by no more than this is none either. */
const marginMs = 1;
/** Second requests that may follow each other at once, after a time without any. */
const maxSavedHedges = 8;

const afterTimeout: Schedule = (ms, callback) => {
  const timer = setTimeout(callback, ms);
  return () => {
    clearTimeout(timer);
  };
};

/**
 * Knows how long requests took, and so which are late, and how many second requests the budget still has. One for all look-ups of
 * a function. No second request is sent before some requests were answered.
 */
export class Hedging {
  readonly #latencies: Readonly<Record<RequestKind, RecentLatencies>>;
  readonly #budget: number;
  readonly #now: () => number;
  readonly #schedule: Schedule;
  /** Second requests that may be sent; grows by the budget with every request. */
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
   * Returns a store whose late requests are sent a second time. The slower one of two is cancelled.
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
            // Of a late request that was overtaken it is known that it took longer than this.
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
          : this.#schedule(Math.max(leastDelayMs, delayMs + marginMs), () => {
              if (this.#saved < 1 || outer?.aborted === true) return;
              this.#saved--;
              onHedge();
              begin();
            });
      begin();
    });
  }
}

/** Decides whether an error is what S3 says of the object: a second request would be told the same. */
const isAnswer = (error: unknown): boolean =>
  error instanceof ObjectNotFoundError ||
  error instanceof PreconditionFailedError ||
  error instanceof RangeNotSatisfiableError;

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

  /** @param part of the requests that are not late: of the others a second one may be sent */
  constructor(readonly part: number) {}

  /** The latency that no more than the wanted part of requests exceeds; undefined while too few are known. */
  get lateAfterMs(): number | undefined {
    return this.#lateAfterMs;
  }

  add(ms: number): void {
    this.#ms[this.#added % rememberedLatencies] = ms;
    this.#added++;
    if (this.#added < leastLatencies) return;
    if (this.#lateAfterMs !== undefined && this.#added % latenciesPerDelay !== 0) return;
    const known = this.#ms.slice(0, Math.min(this.#added, rememberedLatencies)).sort();
    this.#lateAfterMs = known[Math.ceil(known.length * this.part) - 1];
  }
}
