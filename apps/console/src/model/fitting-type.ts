import type { EventTypeFacts } from './facts';

/** Least share of a file's fields that an event type must have to be proposed for the file. */
const minShare = 0.8;

/** Returns the event type that has the most fields of a file, if it has nearly all of them. */
export function fittingType<Type extends Pick<EventTypeFacts, 'name' | 'columns'>>(
  paths: readonly string[],
  eventTypes: readonly Type[],
): Type | undefined {
  const [best] = eventTypes
    .map((eventType) => {
      const own = new Set(
        eventType.columns.filter(({ isSystem }) => !isSystem).map(({ path }) => path),
      );
      return { eventType, share: paths.filter((path) => own.has(path)).length / paths.length };
    })
    .sort((a, b) => b.share - a.share);
  return best && best.share >= minShare ? best.eventType : undefined;
}
