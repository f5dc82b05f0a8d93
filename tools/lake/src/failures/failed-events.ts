import { tableName, type EventType } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import { mergeReasons, readFailureReasons, type FailureReason } from '@sluice/failed-records';

/** Events of one type that were taken and could not become rows. */
export interface FailedEvents {
  readonly eventType: EventType;
  readonly events: number;
  /** The largest first; the counts of records sum up to `events`. */
  readonly reasons: readonly FailureReason[];
}

/** Remembers what deliveries wrote to their error output since the start, and reads the reasons from there. */
export class FailureLog {
  readonly #keys = new Map<string, string[]>();

  /** @param errorKeys of the objects of one delivery */
  add(table: string, errorKeys: readonly string[]): void {
    const known = this.#keys.get(table);
    if (known) known.push(...errorKeys);
    else this.#keys.set(table, [...errorKeys]);
  }

  /** Reads what failed since the start. */
  async read(
    store: ObjectStore,
    eventTypes: readonly EventType[],
  ): Promise<readonly FailedEvents[]> {
    const all: FailedEvents[] = [];
    for (const [table, keys] of this.#keys) {
      const eventType = eventTypes.find((one) => tableName(one) === table);
      if (eventType && keys.length > 0) all.push(await readFailedEvents(store, eventType, keys));
    }
    return all;
  }
}

/** Reads why the events of some objects of the error output failed. */
export async function readFailedEvents(
  store: ObjectStore,
  eventType: EventType,
  keys: readonly string[],
): Promise<FailedEvents> {
  const reasons = mergeReasons([await readFailureReasons({ store, eventType, keys })]);
  return { eventType, events: reasons.reduce((sum, { records }) => sum + records, 0), reasons };
}
