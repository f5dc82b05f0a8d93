import type { DefinitionKind } from '../definitions/definition-error';

/**
 * People or data that a change affects: clients who post events, people who put a reference table's files, stored
 * data, readers by key or in SQL, and the people whom the events are about.
 */
export type Audience =
  | 'gateway clients'
  | 'reference files'
  | 'stored Parquet'
  | 'look-ups'
  | 'queries'
  | 'people in the events';

export interface Breakage {
  readonly audience: Audience;
  readonly how: string;
}

export interface Change {
  /** Name of the event type, the reference table or the join; names are unique across these kinds. */
  readonly name: string;
  /** JSON pointer into the newer definition, or into the older one where the newer has no such location. */
  readonly pointer: string;
  readonly what: string;
  /** Everything that the change breaks; empty where the change is compatible. */
  readonly breaks: readonly Breakage[];
}

/** A change of a definition whose name is known from the context. */
export type ChangeWithin = Omit<Change, 'name'>;

interface Named {
  readonly name: string;
}

/** Compares all definitions of a kind with their earlier versions. Removed and added definitions are changes too. */
export function compareByName<D extends Named>({
  kind,
  before,
  after,
  compare,
  removalBreaks,
}: {
  readonly kind: DefinitionKind;
  readonly before: readonly D[];
  readonly after: readonly D[];
  readonly compare: (before: D, after: D) => readonly ChangeWithin[];
  readonly removalBreaks: readonly Breakage[];
}): readonly Change[] {
  const now = new Map(after.map((definition) => [definition.name, definition]));
  const known = new Set(before.map(({ name }) => name));
  return [
    ...before.flatMap((old) => {
      const same = now.get(old.name);
      const changes = same
        ? compare(old, same)
        : [{ pointer: '', what: `${kind} removed`, breaks: removalBreaks }];
      return changes.map((change) => ({ name: old.name, ...change }));
    }),
    ...after
      .filter(({ name }) => !known.has(name))
      .map(({ name }) => ({ name, pointer: '', what: `new ${kind}`, breaks: [] })),
  ];
}

/** Compares a member of a definition that names a path. */
export function compareRole(
  role: string,
  [before, after]: readonly [before: string | undefined, after: string | undefined],
  breaks: readonly Breakage[],
): readonly ChangeWithin[] {
  if (before === after) return [];
  const name = (path: string | undefined): string => (path === undefined ? 'none' : `"${path}"`);
  return [
    { pointer: `/${role}`, what: `${role} changed from ${name(before)} to ${name(after)}`, breaks },
  ];
}
