// A gateway for the tests of this folder. It refuses and fails as the real one does.
import type { Clock } from './ingest-client';

/** A failure that the fake gateway plays instead of accepting a request. */
export type Fault =
  | { readonly kind: 'throttle'; readonly retryAfter?: string }
  | { readonly kind: 'unavailable' }
  /** The connection breaks, either before the gateway has read the events or after it has stored them. */
  | { readonly kind: 'drop'; readonly isStored: boolean }
  /** Kinesis refuses the events at these indexes. */
  | { readonly kind: 'partly'; readonly indexes: readonly number[] };

interface Request {
  readonly url: string;
  readonly events: readonly unknown[];
  readonly body: string;
  readonly headers: Headers;
  readonly keepalive: boolean;
}

export interface FakeGateway {
  readonly fetch: typeof fetch;
  readonly requests: readonly Request[];
  /** Texts of the events that were stored; an event that was stored twice is listed twice. */
  readonly stored: readonly string[];
}

/**
 * Returns a fake gateway. It answers 400 to events with a member `invalid`, alone or in a batch.
 *
 * @param faultOf returns the fault of the n-th request, from 0
 * @param maxBodyBytes larger bodies are answered with 413
 */
export function fakeGateway(
  faultOf: (request: number) => Fault | undefined = () => undefined,
  { maxBodyBytes = Infinity }: { readonly maxBodyBytes?: number } = {},
): FakeGateway {
  const requests: Request[] = [];
  const stored: string[] = [];
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
    new Response(JSON.stringify(body), { status, headers });

  return {
    requests,
    stored,
    fetch: async (url, { body, headers, keepalive = false } = {}) => {
      await Promise.resolve();
      const text = body as string;
      const { events } = JSON.parse(text) as { events: readonly object[] };
      const fault = faultOf(requests.length);
      requests.push({
        url: url as string,
        events,
        body: text,
        headers: new Headers(headers),
        keepalive,
      });
      const store = (taken: readonly object[]) =>
        void stored.push(...taken.map((event) => JSON.stringify(event)));

      if (fault?.kind === 'drop') {
        if (fault.isStored) store(events);
        throw new TypeError('fetch failed');
      }
      if (fault?.kind === 'throttle')
        return answer(
          429,
          { message: 'slow down' },
          fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter },
        );
      if (fault?.kind === 'unavailable') return answer(503, { message: 'not well' });
      if (text.length > maxBodyBytes) return answer(413, { message: 'too large' });
      if (events.some((event) => 'invalid' in event))
        return answer(400, { message: 'does not conform' });
      const refused = new Set(fault?.indexes.filter((index) => index < events.length));
      store(events.filter((_, index) => !refused.has(index)));
      const failed = [...refused].map((index) => ({ index, code: 'THROTTLED', message: 'again' }));
      return answer(refused.size > 0 ? 207 : 200, {
        accepted: events.length - refused.size,
        failed,
      });
    },
  };
}

/** Returns a clock that jumps to the next timer as soon as nothing else happens. */
export function jumpingClock(): Clock & { readonly waits: readonly number[] } {
  let nowMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  const waits: number[] = [];
  let isScheduled = false;
  const fireNext = (): void => {
    isScheduled = false;
    const [next] = [...timers].sort((a, b) => a.atMs - b.atMs);
    if (!next) return;
    timers.delete(next);
    nowMs = Math.max(nowMs, next.atMs);
    next.callback();
    schedule();
  };
  const schedule = (): void => {
    if (isScheduled || timers.size === 0) return;
    isScheduled = true;
    // Two turns, so that answers that are ready are handled first.
    setImmediate(() => setImmediate(fireNext));
  };
  return {
    waits,
    nowMs: () => nowMs,
    after: (ms, callback) => {
      const timer = { atMs: nowMs + ms, callback };
      waits.push(ms);
      timers.add(timer);
      schedule();
      return () => void timers.delete(timer);
    },
  };
}
