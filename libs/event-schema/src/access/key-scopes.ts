import type { Catalog } from '../catalog/check-catalog';
import { isRecord } from '../definitions/check-members';
import type { EventType } from '../definitions/define-event';
import { referenceColumns, type ReferenceTable } from '../definitions/define-reference';
import { tableColumns } from '../definitions/table-columns';
import type { Column } from '../schema/columns';
import { isRestricted } from '../schema/restricted';
import {
  neededForColumn,
  restrictedColumns,
  restrictedReferenceColumns,
} from './restricted-columns';

/**
 * Actions to which an API key may be limited: look-ups, named queries and joins, access to a person's data, erasures,
 * and the rest of the operations API.
 */
export const keyActions = ['look-up', 'query', 'subject', 'erase', 'operate'] as const;
export type KeyAction = (typeof keyActions)[number];

/** Scopes of an API key. */
export interface KeyScopes {
  /** @default all */
  readonly actions?: readonly KeyAction[];
  /** Names of the event types. @default all */
  readonly eventTypes?: readonly string[];
  /** Restricted columns that the key sees: all, or some as `<event type>.<column>`. @default none */
  readonly restrictedColumns?: 'all' | readonly string[];
}

/** Scopes of the key that each API has from the start. */
export const everyScope: KeyScopes = { restrictedColumns: 'all' };

/** Scopes of a key that may do nothing. */
export const noScope: KeyScopes = { actions: [], eventTypes: [] };

/** Scopes by the name of the key. */
export type NamedKeyScopes = Readonly<Record<string, KeyScopes>>;

/** Error for API keys whose scopes are wrong; the message is meant for a person. */
export class KeyScopesError extends Error {
  override readonly name = 'KeyScopesError';
}

/**
 * Largest number of keys with scopes: the names and ids of so many fit a function's environment of 4 KB (Lambda guide:
 * quotas).
 */
const maxKeys = 50;
const namePattern = /^[a-z][a-z0-9-]{0,39}$/;
const members: ReadonlySet<string> = new Set<keyof KeyScopes>([
  'actions',
  'eventTypes',
  'restrictedColumns',
]);

/**
 * Checks the scopes of API keys, by name, and returns them.
 *
 * @throws {@link KeyScopesError} naming the key and what is wrong
 */
export function checkKeyScopes(
  keys: unknown,
  { eventTypes, references }: Pick<Catalog, 'eventTypes' | 'references'>,
): NamedKeyScopes {
  if (!isRecord(keys)) throw new KeyScopesError('must be an object of scopes by the name of a key');
  const names = Object.keys(keys);
  if (names.length > maxKeys)
    throw new KeyScopesError(`has ${names.length} keys; a stage has at most ${maxKeys} of its own`);
  const known = {
    actions: keyActions as readonly string[],
    eventTypes: eventTypes.map(({ name }) => name),
    restrictedColumns: [
      ...eventTypes.flatMap((one) => restrictedColumns(one).map((name) => `${one.name}.${name}`)),
      ...references.flatMap((one) =>
        restrictedReferenceColumns(one).map((name) => `${one.name}.${name}`),
      ),
    ],
  };
  for (const [name, scopes] of Object.entries(keys)) {
    const refuse = (what: string): never => {
      throw new KeyScopesError(`API key "${name}": ${what}`);
    };
    if (!namePattern.test(name)) refuse(`a name matches ${namePattern.source}`);
    if (!isRecord(scopes)) return refuse('must be an object of scopes');
    for (const [member, value] of Object.entries(scopes)) {
      if (!members.has(member))
        refuse(`"${member}" is no scope; there are ${[...members].join(', ')}`);
      if (member === 'restrictedColumns' && value === 'all') continue;
      const listed = known[member as keyof KeyScopes];
      if (!Array.isArray(value)) return refuse(`"${member}" must be a list`);
      for (const one of value as readonly unknown[])
        if (typeof one !== 'string' || !listed.includes(one))
          refuse(
            `"${member}" names ${JSON.stringify(one)}; there is ${listed.join(', ') || 'none'}`,
          );
    }
  }
  return keys as NamedKeyScopes;
}

/** Decides whether a key permits an action. */
export const allowsAction = ({ actions = keyActions }: KeyScopes, action: KeyAction): boolean =>
  actions.includes(action);

/** Decides whether a key permits an event type. */
export const allowsEventType = ({ eventTypes }: KeyScopes, name: string): boolean =>
  eventTypes?.includes(name) ?? true;

/** Decides whether a key sees a restricted column, `<event type>.<column>`. */
export const seesRestricted = (
  { restrictedColumns: seen = [] }: KeyScopes,
  column: string,
): boolean => seen === 'all' || seen.includes(column);

/** Decides whether a key sees a column of an event type. */
const seesColumn = (
  scopes: KeyScopes,
  eventType: EventType,
  { name }: Pick<Column, 'name'>,
): boolean => neededForColumn(eventType, name).every((needed) => seesRestricted(scopes, needed));

/** Returns the columns of a table that a key sees, and the names of those that it does not. */
export function visibleColumns(
  scopes: KeyScopes,
  eventType: EventType,
): { readonly columns: readonly Column[]; readonly leftOut: readonly string[] } {
  const all = tableColumns(eventType);
  const columns = all.filter((column) => seesColumn(scopes, eventType, column));
  return {
    columns,
    leftOut: all.filter((column) => !columns.includes(column)).map(({ name }) => name),
  };
}

/** Returns the columns of a reference table that a key sees. */
export const visibleReferenceColumns = (
  scopes: KeyScopes,
  reference: ReferenceTable,
): readonly Column[] =>
  referenceColumns(reference).filter(
    (column) => !isRestricted(column) || seesRestricted(scopes, `${reference.name}.${column.name}`),
  );

/** Decides whether a key sees every value of an event type, and so its records as they were sent. */
export const seesRecords = (scopes: KeyScopes, eventType: EventType): boolean =>
  restrictedColumns(eventType).every((name) => seesRestricted(scopes, `${eventType.name}.${name}`));

/** Returns the scopes of the API key with an id. */
export type ScopesOf = (apiKeyId: string | undefined) => KeyScopes;

/**
 * Returns a function that finds a key's scopes by its id. A key that is not listed, such as one that was made by hand,
 * may do everything but see restricted columns.
 *
 * @param nameById names of the keys, by the id that API Gateway gives them; the API's own key has the name `""`
 */
export const scopesByKeyId =
  (nameById: Readonly<Record<string, string>>, scopes: NamedKeyScopes): ScopesOf =>
  (apiKeyId) => {
    if (apiKeyId === undefined || !Object.hasOwn(nameById, apiKeyId)) return {};
    const name = nameById[apiKeyId] ?? '';
    if (name === '') return everyScope;
    // A key that is no longer listed may do nothing.
    return Object.hasOwn(scopes, name) ? (scopes[name] ?? noScope) : noScope;
  };
