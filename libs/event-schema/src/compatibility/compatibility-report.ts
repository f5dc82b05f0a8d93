import type { Change } from './change';

/** Returns the changes that break something; none where the definitions may be deployed. */
export const breakingChanges = (changes: readonly Change[]): readonly Change[] =>
  changes.filter(({ breaks }) => breaks.length > 0);

/** Writes the changes as sentences, those that break something first. */
export function compatibilityReport(changes: readonly Change[]): string {
  if (changes.length === 0) return 'The definitions are unchanged.';
  const breaking = breakingChanges(changes);
  const fine = changes.filter(({ breaks }) => breaks.length === 0);
  return [
    ...breaking.flatMap((change) => [
      `ERROR ${place(change)}: ${change.what}`,
      ...change.breaks.map(({ audience, how }) => `      breaks ${audience}: ${how}`),
    ]),
    ...fine.map((change) => `   ok ${place(change)}: ${change.what}`),
    ...(breaking.length > 0
      ? [
          '',
          `${breaking.length} of ${changes.length} changes break something. Take them back, or give the new definition a table of its own, ` +
            "so that the old rows stay as they are: raise the major part of an event type's version; add a reference table or a " +
            'join of another name beside the old one.',
        ]
      : []),
  ].join('\n');
}

const place = ({ name, pointer }: Change): string => `${name} ${pointer || '/'}`;
