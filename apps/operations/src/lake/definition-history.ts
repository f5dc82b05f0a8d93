import { tableName, type EventType } from '@sluice/event-schema';
import { compareEventTypes, type Change } from '@sluice/event-schema/compatibility';
import { definitionFingerprint, readTableDefinitions, type ObjectStore } from '@sluice/lake-layout';

/** A definition of an event type, with its changes. */
export interface DefinitionStep {
  readonly version: string;
  /** Moment since which rows are stored by it, in milliseconds since 1970; missing where none are yet. */
  readonly sinceMs?: number;
  /** Changes since the definition before it, and whom each breaks; none for the first. */
  readonly changes: readonly Change[];
}

/**
 * Returns the definitions by which rows of a table were stored, the newest first. The current one is among them even
 * if nothing is stored by it yet.
 */
export async function definitionHistory(
  store: Pick<ObjectStore, 'get'>,
  eventType: EventType,
): Promise<readonly DefinitionStep[]> {
  const stored = await readTableDefinitions(store, tableName(eventType));
  const isStored = stored.at(-1)?.fingerprint === definitionFingerprint(eventType);
  const all: readonly { readonly sinceMs?: number; readonly eventType: EventType }[] = isStored
    ? stored
    : [...stored, { eventType }];
  return all
    .map(({ eventType: one, sinceMs }, index) => {
      const before = all[index - 1]?.eventType;
      return {
        version: one.version,
        ...(sinceMs !== undefined && { sinceMs }),
        changes: before ? compareEventTypes([before], [one]) : [],
      };
    })
    .reverse();
}
