import { tableName, type EventType } from '../definitions/define-event';
import type { Join } from '../definitions/define-join';
import type { NamedQuery } from '../definitions/define-query';
import type { ReferenceTable } from '../definitions/define-reference';
import { DefinitionError, type DefinitionKind } from '../definitions/definition-error';
import { catalogNames } from '../sql/views';

export interface Catalog {
  readonly eventTypes: readonly EventType[];
  readonly references: readonly ReferenceTable[];
  readonly joins: readonly Join[];
  readonly queries: readonly NamedQuery[];
}

interface Owner {
  readonly kind: DefinitionKind;
  readonly name: string;
}

/**
 * Checks definitions that are served together. Their names must be unique, because the tables and views of all kinds
 * share one namespace, and a join may only read tables that exist.
 *
 * @throws {@link DefinitionError}
 */
export function checkCatalog({ eventTypes, references, joins, queries }: Catalog): void {
  claimNames('table', [
    ...eventTypes.flatMap((eventType) =>
      Object.values(catalogNames(eventType)).map(
        (table) => [table, { kind: 'event type', name: eventType.name }] as const,
      ),
    ),
    ...references.map(({ name }) => [name, { kind: 'reference table', name }] as const),
    ...joins.map(({ name }) => [name, { kind: 'join', name }] as const),
  ]);
  claimNames(
    'query',
    queries.map(({ name }) => [name, { kind: 'query', name }] as const),
  );
  for (const join of joins) {
    const left = eventTypes.some((eventType) => tableName(eventType) === tableName(join.left));
    if (!left || !references.some(({ name }) => name === join.right.name))
      throw new DefinitionError(
        join.name,
        left ? '/right' : '/left',
        `"${left ? join.right.name : tableName(join.left)}" is not among what is served; add it, or leave the join out`,
        'join',
      );
  }
}

function claimNames(what: string, claims: readonly (readonly [string, Owner])[]): void {
  const owners = new Map<string, Owner>();
  for (const [claimed, owner] of claims) {
    const other = owners.get(claimed);
    if (other)
      throw new DefinitionError(
        owner.name,
        '/name',
        `its ${what} "${claimed}" is also that of the ${other.kind} "${other.name}"; rename one of them`,
        owner.kind,
      );
    owners.set(claimed, owner);
  }
}
