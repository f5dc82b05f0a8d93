import type { KeyText } from './key-text';

/**
 * Names the row that an entry of an index stands for, in the column `event_id` of the index: by its key and its `event_id`, or by its
 * moment where it has none. Entries of one moment are in the order of their names.
 *
 * @param moment microseconds since 1970
 */
export const indexEntryName = (key: KeyText, eventId: string | null, moment: bigint): string =>
  eventId === null ? `${key.length}:${key}n${moment}` : `${key.length}:${key}e${eventId}`;

/** Returns the key of the row that an entry stands for; undefined where the text is no such name. */
export function keyOfIndexEntry(name: string): KeyText | undefined {
  const [prefix, length] = /^(\d+):/.exec(name) ?? [];
  if (prefix === undefined) return undefined;
  const end = prefix.length + Number(length);
  return end < name.length ? name.slice(prefix.length, end) : undefined;
}
