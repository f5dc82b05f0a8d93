import { eventColumns, type Column, type EventType } from '@sluice/event-schema';
import { isLosslessNumber, parse } from 'lossless-json';

/** Parses JSON. Numbers keep the digits with which they are written. */
export const exactJson = (text: string): unknown => parse(text);

/**
 * Rebuilds the event's shape from a row: columns at their paths, then `unmapped` over them. Missing members and nulls
 * look the same in a row, so both are left out.
 *
 * @param row from {@link exactJson}: column → value as the transformer writes it
 */
export function reassembledEvent(
  eventType: EventType,
  row: Readonly<Record<string, unknown>>,
): unknown {
  const event: Record<string, unknown> = {};
  for (const column of eventColumns(eventType)) {
    const value = Object.hasOwn(row, column.name) ? row[column.name] : undefined;
    if (value !== null && value !== undefined) put(event, column.path, eventValue(column, value));
  }
  if (eventType.identity) {
    const identity = eventType.identity.split('.');
    if (!eventColumns(eventType).some(({ path }) => path.join('.') === eventType.identity))
      put(event, identity, row['event_id']);
  }
  if (typeof row['unmapped'] === 'string') merge(event, exactJson(row['unmapped']));
  return withoutNulls(event);
}

/**
 * Returns an event without its null members, and without objects that have no others, to be compared with {@link
 * reassembledEvent}. Empty objects and nulls in arrays stay.
 */
export const withoutNulls = (event: unknown): unknown => prune(event) ?? {};

function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => prune(item) ?? item);
  if (!isObject(value)) return value;
  const members = Object.entries(value);
  const kept = members
    .map(([name, member]) => [name, member === null ? undefined : prune(member)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length > 0 && kept.length === 0 ? undefined : Object.fromEntries(kept);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);

function eventValue({ type }: Column, value: unknown): unknown {
  if (type.kind === 'json') return exactJson(value as string);
  if (type.kind === 'timestamp') return `${(value as string).replace(' ', 'T')}Z`;
  return value;
}

function put(event: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    define(event, name, value);
    return;
  }
  if (!Object.hasOwn(event, name)) define(event, name, {});
  put(event[name] as Record<string, unknown>, rest, value);
}

function merge(into: Record<string, unknown>, from: unknown): void {
  for (const [name, value] of Object.entries(from as Record<string, unknown>)) {
    const present = Object.hasOwn(into, name) ? into[name] : undefined;
    if (isObject(present) && isObject(value)) merge(present, value);
    else define(into, name, value);
  }
}

/** Sets a member as JSON.parse does, for which `__proto__` is a name like any other. */
const define = (target: object, name: string, value: unknown): void => {
  Object.defineProperty(target, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
};
