import {
  allowsAction,
  allowsEventType,
  seesRestricted,
  type KeyScopes,
  type QueryAccess,
} from '@sluice/event-schema';
import { listedNames, Problem } from '@sluice/lambda-http';

/** What the queries and joins of a lake read. */
export interface ReadAccess {
  readonly queries: Readonly<Record<string, QueryAccess>>;
  /** Name of the event type of each join. */
  readonly joins: Readonly<Record<string, string>>;
}

/** Checks that a key may call this API. @throws Problem 403 */
export function checkAction(scopes: KeyScopes): void {
  if (!allowsAction(scopes, 'query'))
    throw new Problem(403, 'this API key does not permit queries and joins');
}

/**
 * Checks that a key may read what a query reads.
 *
 * @returns names of the result's columns that it does not see
 * @throws Problem 403 where the query reads them otherwise, or reads an event type that the key does not permit
 */
export function checkQuery(
  scopes: KeyScopes,
  name: string,
  { eventTypes, needs, leavesOut }: QueryAccess,
): ReadonlySet<string> {
  const refused = eventTypes.filter((one) => !allowsEventType(scopes, one));
  if (refused.length > 0)
    throw new Problem(
      403,
      `the query ${name} reads events of ${listedNames(refused)}, which this API key does not permit`,
    );
  const hidden = Object.entries(needs).filter(([, needed]) =>
    needed.some((one) => !seesRestricted(scopes, one)),
  );
  if (hidden.length > 0 && !leavesOut)
    throw new Problem(
      403,
      `the query ${name} reads ${listedNames(hidden.map(([column]) => column))}, which ` +
        `${hidden.length === 1 ? 'is' : 'are'} restricted and which this API key may not see; use a key with the scope`,
    );
  return new Set(hidden.map(([column]) => column));
}

/** Checks that a key permits the events that a join reads. @throws Problem 403 */
export function checkJoin(scopes: KeyScopes, name: string, eventType: string): void {
  if (!allowsEventType(scopes, eventType))
    throw new Problem(
      403,
      `the join ${name} reads events of ${eventType}, which this API key does not permit`,
    );
}
