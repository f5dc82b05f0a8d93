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

interface Told {
  readonly reasons: Set<string>;
  untold: number;
  lastMs: number;
}

/**
 * Reports failed events on a terminal: each new reason at once, with advice; repeated reasons as a count from time to
 * time.
 */
export class FailureNotices {
  readonly #options: FailureNoticesOptions;
  readonly #told = new Map<string, Told>();

  constructor(options: FailureNoticesOptions) {
    this.#options = options;
  }

  /** Reads the objects that a delivery wrote to the error output, and reports them. */
  async tell(eventType: EventType, errorKeys: readonly string[]): Promise<void> {
    const { store, write, textOptions, now = () => performance.now() } = this.#options;
    const failed = await readFailedEvents(await store, eventType, errorKeys);
    const told = this.#told.get(eventType.name) ?? {
      reasons: new Set<string>(),
      untold: 0,
      lastMs: now(),
    };
    this.#told.set(eventType.name, told);
    const isNew = failed.reasons.some((reason) => !told.reasons.has(reasonId(reason)));
    if (isNew) {
      for (const reason of failed.reasons) told.reasons.add(reasonId(reason));
      write(`\n${failureText(failed, textOptions(eventType))}\n`);
      told.lastMs = now();
      return;
    }
    told.untold += failed.events;
    if (now() - told.lastMs < repeatEveryMs) return;
    write(`${told.untold} more of ${eventType.name} failed for the same reasons.\n`);
    told.untold = 0;
    told.lastMs = now();
  }
}
