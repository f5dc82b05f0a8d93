import { allowsEventType, tableName, type EventType, type KeyScopes } from '@sluice/event-schema';
import { listedNames, Problem, quoted } from '@sluice/lambda-http';
import { parseDate } from '@sluice/values';

/** Reads a day. @throws Problem where the value is not one */
export function dayOf(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && parseDate(value) !== undefined) return value;
  throw new Problem(400, `"${name}" must be a day such as 2026-01-31`);
}

/** Reads a flag. @throws Problem where the value is neither true nor false */
export function flagOf(value: unknown, name: string): boolean {
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw new Problem(400, `"${name}" must be true or false`);
}

/**
 * Finds an event type by its name or its table.
 *
 * @throws Problem where there is none, or the caller's key is not for it
 */
export function eventTypeOf(
  eventTypes: readonly EventType[],
  name: unknown,
  status: 400 | 404,
  scopes: KeyScopes,
): EventType {
  const found = eventTypes.find((one) => tableName(one) === name || one.name === name);
  if (found && !allowsEventType(scopes, found.name)) throw notForEventTypes([found]);
  if (found) return found;
  const known = eventTypes.map(tableName).join(', ') || 'none';
  throw new Problem(
    status,
    name === undefined
      ? `"table" is missing; there is ${known}`
      : `there is no table ${quoted(typeof name === 'string' ? name : JSON.stringify(name))}; there is ${known}`,
  );
}

/** Returns the refusal of an API key that does not permit some event types. */
export const notForEventTypes = (eventTypes: readonly EventType[]): Problem =>
  new Problem(
    403,
    `this API key does not permit the event type ${listedNames(eventTypes.map(({ name }) => name))}`,
  );
