import type { EventType } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import { reasonId } from '@sluice/failed-records';
import { readFailedEvents } from './failed-events';
import { failureText, type FailureTextOptions } from './failure-text';

export interface FailureNoticesOptions {
  /** Store of the error output's objects, available once they can be read. */
  readonly store: Promise<ObjectStore>;
  readonly write: (text: string) => void;
  readonly textOptions: (eventType: EventType) => FailureTextOptions;
  /** Returns milliseconds of a clock that may be set back. @default the process's own clock */
  readonly now?: () => number;
}

/** Milliseconds between two reports of failures whose reasons were shown before. */
const repeatEveryMs = 30_000;

interface ReportedFailures {
  readonly reasons: Set<string>;
  unreported: number;
  lastMs: number;
}

/**
 * Reports failed events on a terminal: each new reason at once, with advice; repeated reasons as a count from time to
 * time.
 */
export class FailureNotices {
  readonly #options: FailureNoticesOptions;
  readonly #reported = new Map<string, ReportedFailures>();

  constructor(options: FailureNoticesOptions) {
    this.#options = options;
  }

  /** Reads the objects that a delivery wrote to the error output, and reports them. */
  async report(eventType: EventType, errorKeys: readonly string[]): Promise<void> {
    const { store, write, textOptions, now = () => performance.now() } = this.#options;
    const failed = await readFailedEvents(await store, eventType, errorKeys);
    const known = this.#reported.get(eventType.name) ?? {
      reasons: new Set<string>(),
      unreported: 0,
      lastMs: now(),
    };
    this.#reported.set(eventType.name, known);
    const isNew = failed.reasons.some((reason) => !known.reasons.has(reasonId(reason)));
    if (isNew) {
      for (const reason of failed.reasons) known.reasons.add(reasonId(reason));
      write(`\n${failureText(failed, textOptions(eventType))}\n`);
      known.lastMs = now();
      return;
    }
    known.unreported += failed.events;
    if (now() - known.lastMs < repeatEveryMs) return;
    write(`${known.unreported} more of ${eventType.name} failed for the same reasons.\n`);
    known.unreported = 0;
    known.lastMs = now();
  }
}
