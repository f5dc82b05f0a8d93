import type { Outcome } from './outcome';

/** A queued or travelling event. Its text is sent unchanged. */
export interface QueuedEvent {
  readonly text: string;
  /** Size of the text in UTF-8, in bytes. */
  readonly bytes: number;
  readonly queuedAtMs: number;
  /** Number of requests that have carried the event. */
  attempts: number;
  /** Reports the outcome. Called exactly once. */
  readonly settle: (outcome: Outcome) => void;
}

export interface BatchLimits {
  /** Largest number of events in a request; at most 500, because one PutRecords call takes no more. */
  readonly maxBatchEvents: number;
  /** Largest size of a request's event texts, in bytes. An event larger than this goes alone. */
  readonly maxBatchBytes: number;
}

/** Events that wait for a request, first in, first out. */
export class EventQueue {
  #events: QueuedEvent[] = [];
  #head = 0;
  #bytes = 0;

  constructor(readonly limits: BatchLimits) {}

  get length(): number {
    return this.#events.length - this.#head;
  }

  get oldest(): QueuedEvent | undefined {
    return this.#events[this.#head];
  }

  /** True if there are enough events for a request of the largest size. */
  get hasFullBatch(): boolean {
    return this.length >= this.limits.maxBatchEvents || this.#bytes >= this.limits.maxBatchBytes;
  }

  push(event: QueuedEvent): void {
    this.#events.push(event);
    this.#bytes += event.bytes;
  }

  /** Removes and returns the events of one request: at least one event, unless the queue is empty. */
  takeBatch(maxBytes = this.limits.maxBatchBytes): readonly QueuedEvent[] {
    const batch: QueuedEvent[] = [];
    let bytes = 0;
    for (
      let event = this.oldest;
      event && batch.length < this.limits.maxBatchEvents;
      event = this.oldest
    ) {
      if (batch.length > 0 && bytes + event.bytes > maxBytes) break;
      batch.push(event);
      bytes += event.bytes + 1; // the comma
      this.#head++;
    }
    this.#bytes -= batch.reduce((sum, event) => sum + event.bytes, 0);
    this.#compact();
    return batch;
  }

  /** Frees the memory of removed events from time to time, so that removal costs the same however long the queue is. */
  #compact(): void {
    if (this.#head < 1024 && this.#head < this.#events.length) return;
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
  }
}

/**
 * Returns the length of a text in UTF-8, without encoding it. A lone surrogate counts as the three bytes of its
 * replacement.
 */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code >= 0xd800 && code <= 0xdbff && isLowSurrogate(text.charCodeAt(at + 1))) {
      bytes += 2;
      at++;
    } else bytes += 2;
  }
  return bytes;
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
