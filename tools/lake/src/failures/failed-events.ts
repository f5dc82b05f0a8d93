import { tableName, type EventType } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import { mergeReasons, readFailureReasons, type FailureReason } from '@sluice/failed-records';

/** Events of one type that were accepted but could not become rows. */
export interface FailedEvents {
  readonly eventType: EventType;
  readonly events: number;
  /** Reasons, the largest group first; their numbers of records add up to `events`. */
  readonly reasons: readonly FailureReason[];
}

/** Remembers the error output of all deliveries since the start, and reads the reasons from there. */
export class FailureLog {
  readonly #keys = new Map<string, string[]>();

  /** Adds the error output of one delivery. @param errorKeys keys of its objects */
  add(table: string, errorKeys: readonly string[]): void {
    const known = this.#keys.get(table);
    if (known) known.push(...errorKeys);
    else this.#keys.set(table, [...errorKeys]);
  }

  /** Reads the failures since the start. */
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

/** Reads the reasons for the failures in some objects of the error output. */
export async function readFailedEvents(
  store: ObjectStore,
  eventType: EventType,
  keys: readonly string[],
): Promise<FailedEvents> {
  const reasons = mergeReasons([await readFailureReasons({ store, eventType, keys })]);
  return { eventType, events: reasons.reduce((sum, { records }) => sum + records, 0), reasons };
}
