import type { ObservedField } from './observed-field';

/** Matches member names that are values: numbers, UUIDs, long hexadecimal ids, dates. */
const dataName =
  /^(?:\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}|\d{4}-\d\d-\d\d.*)$/i;

const isDataName = (name: string): boolean => dataName.test(name);

/** Number of members of one shape from which on they are a map, even if every object has them. */
const manyMembers = 200;
/** Number of members of one shape from which on they are a map, if an object has less than half of them on average. */
const severalMembers = 32;
/** Least number of members for which the names alone may decide. */
const fewMembers = 2;
const sameShapeShare = 0.9;

/**
 * Decides whether the member names of a field's objects are data (ids, dates, user input) rather than part of its
 * shape.
 */
export function hasDataAsNames(field: ObservedField): boolean {
  const members = [...field.members.values()];
  if (members.length < fewMembers) return false;
  if (members.every(({ name }) => isDataName(name))) return true;
  if (members.length < severalMembers) return false;
  if (!haveOneShape(members)) return false;
  if (members.length >= manyMembers) return true;
  const present = members.reduce((sum, member) => sum + member.present, 0);
  return present < 0.5 * members.length * field.objects;
}

/** A member of the event itself counts as rare when fewer than one event in this many has it. */
const rareOneIn = 10;

/**
 * Returns the members of the event itself whose names are data. The event can't become one column of JSON text, so
 * they are separated from its other members one by one.
 */
export function membersWithDataAsNames(root: ObservedField): ReadonlySet<ObservedField> {
  const members = [...root.members.values()];
  const ids = members.filter(({ name }) => isDataName(name));
  const rare = members.filter(({ present }) => present * rareOneIn < root.objects);
  return new Set([
    ...(ids.length > severalMembers ? ids : []),
    ...(rare.length >= manyMembers && haveOneShape(rare) ? rare : []),
  ]);
}

function haveOneShape(members: readonly ObservedField[]): boolean {
  const counts = new Map<string, number>();
  for (const member of members) {
    const kind = kindOf(member);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const [kind, count] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  if (count < sameShapeShare * members.length) return false;
  return kind !== 'object' || shareNames(members);
}

function kindOf(field: ObservedField): string {
  const kinds: string[] = [];
  if (field.objects) kinds.push('object');
  if (field.arrays) kinds.push('array');
  if (field.strings) kinds.push('string');
  if (field.integers || field.fractions) kinds.push('number');
  if (field.booleans) kinds.push('boolean');
  return kinds.join();
}

/**
 * Decides whether members share their names: objects of one shape have the same few names, those of different shapes
 * add up to many.
 */
function shareNames(members: readonly ObservedField[]): boolean {
  const names = new Set<string>();
  let total = 0;
  for (const member of members)
    for (const name of member.members.keys()) {
      names.add(name);
      total++;
    }
  return names.size <= (2 * total) / members.length;
}
