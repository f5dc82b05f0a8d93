import type { Outcome } from './outcome';

/** An event on its way. Its text is sent as it is. */
export interface QueuedEvent {
  readonly text: string;
  /** Size of the text as UTF-8. */
  readonly bytes: number;
  readonly queuedAtMs: number;
  /** Number of requests that it was part of. */
  attempts: number;
  /** Called once. */
  readonly settle: (outcome: Outcome) => void;
}

export interface BatchLimits {
  /** At most 500, what one PutRecords call takes. */
  readonly maxBatchEvents: number;
  /** Most bytes of the events' texts; an event larger than this goes alone. */
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

  /** True once there is enough for a request that is as large as it may be. */
  get hasFullBatch(): boolean {
    return this.length >= this.limits.maxBatchEvents || this.#bytes >= this.limits.maxBatchBytes;
  }

  push(event: QueuedEvent): void {
    this.#events.push(event);
    this.#bytes += event.bytes;
  }

  /** Takes what fits one request: at least one event, unless there is none. */
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

  /** Lets go of what was taken, now and then, so that taking costs the same however long the queue is. */
  #compact(): void {
    if (this.#head < 1024 && this.#head < this.#events.length) return;
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
  }
}

/** Returns the bytes of a text as UTF-8, without encoding it. A lone surrogate counts as the three of its replacement. */
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
