// Reads the columns that distinguish the rows of stored files, and no others.
import { castColumn } from '@sluice/columns';
import { eventIdColumn, ingestedAtColumn, keyColumn, type EventType } from '@sluice/event-schema';
import type { KeyText } from '@sluice/lake-layout';
import { Vector } from 'apache-arrow';
import { eventIdentity, type EventIdentity } from './event-days';
import { keyTexts } from './key-text';
import { readKeyTable } from './read-parquet';

export interface StoredIdentity {
  readonly key: KeyText;
  readonly id: EventIdentity;
  /** Time of arrival in milliseconds since 1970; undefined where the row has none. */
  readonly ingestedAtMs: number | undefined;
}

/**
 * Yields the identities of the rows of a file by any writer; nothing where the file can't be read, which the
 * compaction of its own day reports. Rows without an `event_id` are left out.
 */
export function* storedIdentities(
  bytes: Uint8Array,
  eventType: EventType,
): Generator<StoredIdentity> {
  const column = keyColumn(eventType);
  const names = [column.name, eventIdColumn.name, ingestedAtColumn.name];
  try {
    for (const batch of readKeyTable(bytes, [...new Set(names)]).batches) {
      const child = (name: string) =>
        batch.data.children[batch.schema.fields.findIndex((field) => field.name === name)];
      const [key, eventId, ingestedAt] = names.map(child);
      if (!key || !eventId) return;
      const keyText = keyTexts(new Vector([castColumn(key, column)]), column.type);
      const eventIds = new Vector([eventId]);
      const arrivals = ingestedAt && new Vector([castColumn(ingestedAt, ingestedAtColumn)]);
      for (let row = 0; row < batch.numRows; row++) {
        const eventId = eventIds.get(row) as string | null;
        if (eventId === null) continue;
        const key = keyText(row);
        const ingestedAtMs = (arrivals?.get(row) ?? undefined) as number | undefined;
        yield { key, id: eventIdentity(key, eventId), ingestedAtMs };
      }
    }
  } catch {
    // The compaction of its own day reports the file.
  }
}
