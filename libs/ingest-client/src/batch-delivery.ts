import { backoffDelayMs, type BackoffOptions } from '@sluice/waiting';
import type { Rejection } from './outcome';
import type { QueuedEvent } from './event-queue';

export interface DeliveryOptions extends BackoffOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Returns the header `traceparent` of a request; undefined for none. */
  readonly traceparent: (() => string | undefined) | undefined;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly requestTimeoutMs: number;
  /** Largest number of requests that carry an event before it is rejected as `gave-up`. */
  readonly maxAttempts: number;
  readonly onRequest: (resentEvents: number) => void;
}

export const batchBody = (batch: readonly QueuedEvent[]): string =>
  `{"events":[${batch.map(({ text }) => text).join(',')}]}`;

/** The result of one request. */
type Answer =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'partly';
      readonly failedIndexes: ReadonlySet<number>;
      readonly retryAfterMs: number | undefined;
    }
  | {
      readonly kind: 'retry';
      readonly retryAfterMs: number | undefined;
      readonly rejection: Rejection;
    }
  /** Some event of the batch is at fault; a smaller batch may be accepted. */
  | { readonly kind: 'fault'; readonly rejection: Rejection }
  /** The gateway would refuse every event of this client. */
  | { readonly kind: 'refused'; readonly rejection: Rejection };

/**
 * Sends a batch until each of its events is settled: resends what failed, waits as the gateway asks, and
 * halves a batch that is too large or holds an invalid event until that event stands alone. Never rejects.
 */
export async function deliverBatch(
  batch: readonly QueuedEvent[],
  options: DeliveryOptions,
): Promise<void> {
  let remaining = batch;
  for (let failures = 1; remaining.length > 0; failures++) {
    const answer = await post(remaining, options);
    switch (answer.kind) {
      case 'accepted':
        settleAll(remaining);
        return;
      case 'refused':
        rejectAll(remaining, answer.rejection);
        return;
      case 'fault': {
        if (remaining.length === 1) {
          rejectAll(remaining, answer.rejection);
          return;
        }
        const middle = Math.ceil(remaining.length / 2);
        await deliverBatch(remaining.slice(0, middle), options);
        await deliverBatch(remaining.slice(middle), options);
        return;
      }
      case 'partly': {
        const { failedIndexes } = answer;
        settleAll(remaining.filter((_, index) => !failedIndexes.has(index)));
        remaining = giveUp(
          remaining.filter((_, index) => failedIndexes.has(index)),
          { code: 'gave-up', message: 'The stream refused the event every time.', httpStatus: 207 },
          options,
        );
        break;
      }
      case 'retry':
        remaining = giveUp(remaining, answer.rejection, options);
    }
    if (remaining.length > 0)
      // The jitter comes on top of the time that the gateway asks for, so that clients do not all return at once.
      await options.wait(
        (answer.retryAfterMs ?? 0) + backoffDelayMs(failures, options, options.random()),
      );
  }
}

const settleAll = (events: readonly QueuedEvent[]): void => {
  for (const { settle } of events) settle({ status: 'accepted' });
};

const rejectAll = (events: readonly QueuedEvent[], rejection: Rejection): void => {
  for (const { settle } of events) settle({ status: 'rejected', rejection });
};

/** Rejects the events that have no attempts left. @returns the other events */
function giveUp(
  events: readonly QueuedEvent[],
  rejection: Rejection,
  { maxAttempts }: DeliveryOptions,
): readonly QueuedEvent[] {
  rejectAll(
    events.filter(({ attempts }) => attempts >= maxAttempts),
    rejection,
  );
  return events.filter(({ attempts }) => attempts < maxAttempts);
}

async function post(batch: readonly QueuedEvent[], options: DeliveryOptions): Promise<Answer> {
  options.onRequest(batch.filter(({ attempts }) => attempts > 0).length);
  for (const event of batch) event.attempts++;
  const traceparent = options.traceparent?.();
  try {
    const response = await options.fetch(options.url, {
      method: 'POST',
      headers: { ...options.headers, ...(traceparent !== undefined && { traceparent }) },
      body: batchBody(batch),
      signal: AbortSignal.timeout(options.requestTimeoutMs),
    });
    return answerOf(response.status, response.headers, await response.text(), options.nowMs());
  } catch (error) {
    return {
      kind: 'retry',
      retryAfterMs: undefined,
      rejection: {
        code: 'gave-up',
        message: `No answer: ${error instanceof Error ? error.message : String(error)}`,
        httpStatus: undefined,
      },
    };
  }
}

function answerOf(httpStatus: number, headers: Headers, body: string, nowMs: number): Answer {
  const wait = retryAfterMs(headers.get('retry-after'), nowMs);
  const rejection = (code: Rejection['code']): Rejection => ({
    code,
    message: messageOf(body) ?? `The gateway answered ${httpStatus}.`,
    httpStatus,
  });
  if (httpStatus === 207) {
    const failedIndexes = failedIndexesOf(body);
    return failedIndexes
      ? { kind: 'partly', failedIndexes, retryAfterMs: wait }
      : { kind: 'retry', retryAfterMs: wait, rejection: rejection('gave-up') };
  }
  if (httpStatus >= 200 && httpStatus < 300) return { kind: 'accepted' };
  if (httpStatus === 400) return { kind: 'fault', rejection: rejection('invalid') };
  if (httpStatus === 413) return { kind: 'fault', rejection: rejection('too-large') };
  if (httpStatus === 408 || httpStatus === 429 || httpStatus >= 500)
    return { kind: 'retry', retryAfterMs: wait, rejection: rejection('gave-up') };
  return { kind: 'refused', rejection: rejection('refused') };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function messageOf(body: string): string | undefined {
  const message = (parsed(body) as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : undefined;
}

function failedIndexesOf(body: string): ReadonlySet<number> | undefined {
  const failed = (parsed(body) as { failed?: unknown } | null | undefined)?.failed;
  if (!Array.isArray(failed)) return undefined;
  return new Set(failed.map((entry) => (entry as { index: number }).index));
}

/**
 * Reads `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3), as milliseconds from `nowMs`; undefined
 * where it is missing or unreadable.
 */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
