import { keyColumn, type EventType } from '@sluice/event-schema';
import { keyOrder, type KeyText } from './key-text';
import type { CompactedFile } from './manifest';

/** Sorts keys in the order of the table's files. */
export const sortedKeys = (keys: readonly KeyText[], eventType: EventType): readonly KeyText[] =>
  [...keys].sort(keyOrder(keyColumn(eventType).type));

/** Returns the files whose key ranges contain one of the sorted keys. */
export function filesWithKeys(
  files: readonly CompactedFile[],
  keys: readonly KeyText[],
  eventType: EventType,
): readonly CompactedFile[] {
  const order = keyOrder(keyColumn(eventType).type);
  return files.filter(({ minKey, maxKey }) => {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(keys[middle] ?? '', minKey) < 0) low = middle + 1;
      else high = middle;
    }
    const next = keys[low];
    return next !== undefined && order(next, maxKey) <= 0;
  });
}
