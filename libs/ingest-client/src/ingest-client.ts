import { batchBody, deliverBatch, type DeliveryOptions } from './batch-delivery';
import { EventQueue, utf8Length } from './event-queue';
import type { Counters, EventCheck, Outcome } from './outcome';
import { browserPage, type PageLifecycle } from './page-lifecycle';

export interface IngestClientOptions {
  /** Base URL of the ingest API, without a trailing slash. */
  readonly endpoint: string;
  readonly eventType: string;
  /** Sent as `x-api-key`. */
  readonly apiKey?: string;
  /** Largest number of events in a request. @default 500, the most that the gateway takes */
  readonly maxBatchEvents?: number;
  /**
   * Largest size of a request's events, in bytes.
   *
   * @default 4 MiB, because Kinesis takes 5 MiB in one call, keys included
   */
  readonly maxBatchBytes?: number;
  /** Milliseconds that an event waits for others, at most. @default 200 */
  readonly flushAfterMs?: number;
  /** Largest number of events in memory, queued or on the way; `send` waits beyond that. @default 5,000 */
  readonly maxPendingEvents?: number;
  /** Largest size of the events in memory, in bytes; `send` waits beyond that. @default 16 MiB */
  readonly maxPendingBytes?: number;
  /** Largest number of requests at the same time. @default 4 */
  readonly maxConcurrentRequests?: number;
  /**
   * Largest number of requests that carry an event before it is rejected as `gave-up`.
   *
   * @default 12, which takes some two minutes
   */
  readonly maxAttempts?: number;
  /** Upper bound of the wait after the first failure, in milliseconds. @default 100 */
  readonly firstDelayMs?: number;
  /** Upper bound of the wait after any failure, in milliseconds; `Retry-After` may ask for more. @default 20,000 */
  readonly maxDelayMs?: number;
  /** Milliseconds to wait for an answer. @default 35,000, because the gateway itself gives up after 29 s */
  readonly requestTimeoutMs?: number;
  /**
   * Checks each event before it is sent; one that does not conform is rejected as `invalid` and never sent. The
   * gateway checks single events only, so without this check an event of a batch fails later, and its sender is not
   * told. `publishedEventCheck` returns the gateway's own check.
   *
   * @default none
   */
  readonly check?: EventCheck | undefined;
  /** Called with the text and outcome of each event. */
  readonly onOutcome?: (text: string, outcome: Outcome) => void;
  /**
   * Returns the header `traceparent` of a request (W3C Trace Context), so that its events are recorded as part of the
   * caller's trace. Undefined sends none, and the gateway decides.
   *
   * @default none is sent
   */
  readonly traceparent?: (() => string | undefined) | undefined;
  readonly fetch?: typeof fetch;
  /** Returns a number from 0 (inclusive) to 1 (exclusive). @default Math.random */
  readonly random?: () => number;
  readonly clock?: Clock;
  /** Page whose end is watched. @default the browser's page, if there is one */
  readonly page?: PageLifecycle | undefined;
}

export interface Clock {
  readonly nowMs: () => number;
  /** Calls back once, after a time in milliseconds. @returns a function that cancels the call */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** Sends events of one type in batches, each at least once. */
export interface IngestClient {
  /**
   * Queues an event. Resolves once there is room for it, so that awaiting it slows down a fast producer. The event's
   * outcome is reported to `onOutcome`. Rejects after `close`.
   */
  send(event: object, onOutcome?: (outcome: Outcome) => void): Promise<void>;
  /**
   * Queues an event given as JSON text, which is sent unchanged. The caller must make sure that the text is one JSON
   * object.
   */
  sendText(json: string, onOutcome?: (outcome: Outcome) => void): Promise<void>;
  /** Sends an event and resolves with its outcome. */
  deliver(event: object): Promise<Outcome>;
  /** Sends all queued events without waiting for more. Resolves when every event sent before is settled. */
  flush(): Promise<void>;
  /** Flushes, and accepts no further events. */
  close(): Promise<void>;
  readonly counters: Counters;
}

const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Bytes that a browser sends after the page is closed (fetch.spec.whatwg.org, "inflight keep-alive bytes"), with some
 * room.
 */
const maxKeepaliveBytes = 64 * 1024 - 1024;

/** Bytes of `{"events":[]}`, and a few more. */
const envelopeBytes = 32;

/**
 * Returns a client that sends events of one type to an ingest API. It works in Node and in browsers.
 *
 * @example
 * import { createIngestClient } from '@sluice/ingest-client';
 * const client = createIngestClient({ endpoint: 'http://127.0.0.1:4600', eventType: 'order' });
 * await client.send({ id: 'order-17', amount: 3 }, (outcome) => console.log(outcome.status));
 * await client.close();
 */
export function createIngestClient({
  endpoint,
  eventType,
  apiKey,
  maxBatchEvents = 500,
  maxBatchBytes = 4 * 1024 * 1024,
  flushAfterMs = 200,
  maxPendingEvents = 5_000,
  maxPendingBytes = 16 * 1024 * 1024,
  maxConcurrentRequests = 4,
  maxAttempts = 12,
  firstDelayMs = 100,
  maxDelayMs = 20_000,
  requestTimeoutMs = 35_000,
  check,
  onOutcome = () => undefined,
  traceparent,
  fetch: fetchOption = (...args) => globalThis.fetch(...args),
  random = Math.random,
  clock = systemClock,
  page = browserPage(),
}: IngestClientOptions): IngestClient {
  const queue = new EventQueue({ maxBatchEvents, maxBatchBytes });
  const counts = { queued: 0, accepted: 0, rejected: 0, handedOver: 0, requests: 0, resends: 0 };
  const waitingSenders: (() => void)[] = [];
  let pendingEvents = 0;
  let pendingBytes = 0;
  let requestsUnderWay = 0;
  let isClosed = false;
  let stopTimer: (() => void) | undefined;
  /** Moment before which queued events are sent without waiting for more. */
  let flushedUntilMs = -Infinity;
  /** Events queued since the last flush. A flush waits for these and for all earlier ones. */
  let generation = newGeneration();
  const openGenerations = new Set([generation]);

  const delivery: DeliveryOptions = {
    url: `${endpoint}/v1/events/${encodeURIComponent(eventType)}/batch`,
    traceparent,
    headers: {
      'content-type': 'application/json',
      ...(apiKey !== undefined && { 'x-api-key': apiKey }),
    },
    fetch: fetchOption,
    random,
    nowMs: clock.nowMs,
    wait: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
    firstDelayMs,
    maxDelayMs,
    requestTimeoutMs,
    maxAttempts,
    onRequest: (resentEvents) => {
      counts.requests++;
      counts.resends += resentEvents;
    },
  };

  const hasRoom = (): boolean =>
    pendingEvents < maxPendingEvents && (pendingBytes < maxPendingBytes || pendingEvents === 0);

  const enqueue = (text: string, tell?: (outcome: Outcome) => void): void => {
    const bytes = utf8Length(text);
    const own = generation;
    own.pending++;
    counts.queued++;
    pendingEvents++;
    pendingBytes += bytes;
    queue.push({
      text,
      bytes,
      queuedAtMs: clock.nowMs(),
      attempts: 0,
      settle: (outcome) => {
        pendingEvents--;
        pendingBytes -= bytes;
        if (outcome.status === 'accepted') counts.accepted++;
        else if (outcome.status === 'rejected') counts.rejected++;
        else counts.handedOver++;
        callBack(() => tell?.(outcome));
        callBack(() => onOutcome(text, outcome));
        if (--own.pending === 0) for (const resume of own.waiting.splice(0)) resume();
        while (waitingSenders.length > 0 && hasRoom()) waitingSenders.shift()?.();
      },
    });
    pump();
  };

  /** Starts requests while there are full or overdue batches and fewer than `maxConcurrentRequests` are under way. */
  const pump = (): void => {
    while (queue.oldest && requestsUnderWay < maxConcurrentRequests) {
      const { queuedAtMs } = queue.oldest;
      const dueInMs = queuedAtMs + flushAfterMs - clock.nowMs();
      const isDue =
        queue.hasFullBatch ||
        dueInMs <= 0 ||
        queuedAtMs <= flushedUntilMs ||
        waitingSenders.length > 0 || // nothing more can join before something leaves
        isClosed;
      if (!isDue) {
        stopTimer ??= clock.after(dueInMs, () => {
          stopTimer = undefined;
          pump();
        });
        return;
      }
      requestsUnderWay++;
      void deliverBatch(queue.takeBatch(), delivery).finally(() => {
        requestsUnderWay--;
        pump();
      });
    }
  };

  /**
   * Sends all queued events in a way that outlives the page, which may not come back. A beacon can't carry headers
   * and so no API key; with a key, a `keepalive` request is used instead, which is answered if the page stays.
   */
  const handOver = (): void => {
    let budget = maxKeepaliveBytes;
    while (queue.oldest && queue.oldest.bytes + envelopeBytes < budget) {
      const batch = queue.takeBatch(budget - envelopeBytes);
      const body = batchBody(batch);
      budget -= utf8Length(body);
      if (apiKey === undefined && page?.sendBeacon?.(delivery.url, body) === true)
        for (const { settle } of batch) settle({ status: 'handed-over' });
      else
        void deliverBatch(batch, {
          ...delivery,
          fetch: (url, init) => fetchOption(url, { ...init, keepalive: true }),
        });
    }
  };
  const stopListening = page?.onHide(handOver);

  const sendText = async (json: string, tell?: (outcome: Outcome) => void): Promise<void> => {
    if (isClosed) throw new Error('the ingest client is closed; it takes no more events');
    const fault = check?.(json);
    if (fault) {
      const { pointer } = fault;
      const message = `${fault.code} at ${pointer || '/'}: ${fault.message}`;
      const rejection = { code: 'invalid', message, pointer, httpStatus: undefined } as const;
      counts.queued++;
      counts.rejected++;
      callBack(() => tell?.({ status: 'rejected', rejection }));
      callBack(() => onOutcome(json, { status: 'rejected', rejection }));
      return;
    }
    if (waitingSenders.length > 0 || !hasRoom()) await turn(() => enqueue(json, tell));
    else enqueue(json, tell);
  };

  /** Runs an action when the actions that wait already have run and there is room. */
  const turn = (action: () => void): Promise<void> =>
    new Promise((resolve) => {
      waitingSenders.push(() => {
        action();
        resolve();
      });
      pump();
    });

  const flush = async (): Promise<void> => {
    flushedUntilMs = clock.nowMs();
    pump();
    if (waitingSenders.length > 0) await turn(() => (flushedUntilMs = clock.nowMs()));
    const before = [...openGenerations];
    generation = newGeneration();
    openGenerations.add(generation);
    pump();
    for (const earlier of before) {
      if (earlier.pending > 0) await new Promise<void>((resolve) => earlier.waiting.push(resolve));
      openGenerations.delete(earlier);
    }
  };

  return {
    send: async (event, tell) => sendText(JSON.stringify(event), tell),
    sendText,
    deliver: (event) =>
      new Promise((resolve, reject) => {
        sendText(JSON.stringify(event), resolve).catch(reject);
      }),
    flush,
    close: async () => {
      isClosed = true;
      stopListening?.();
      await flush();
      stopTimer?.();
    },
    get counters() {
      return { ...counts, pending: pendingEvents };
    },
  };
}

/** Calls a function of the caller. Its errors are the caller's, and must not stop the events that follow. */
function callBack(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

interface Generation {
  pending: number;
  readonly waiting: (() => void)[];
}

const newGeneration = (): Generation => ({ pending: 0, waiting: [] });
