import type { Change } from './compare-event-types';

/** Changes that break somebody; none where the definitions may go out. */
export const breakingChanges = (changes: readonly Change[]): readonly Change[] =>
  changes.filter(({ breaks }) => breaks.length > 0);

/** The changes in sentences, those that break something first. */
export function compatibilityReport(changes: readonly Change[]): string {
  if (changes.length === 0) return 'The event definitions are unchanged.';
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
          `${breaking.length} of ${changes.length} changes break something. Take them back, or raise the major part of the version: ` +
            'the new definition then gets a table of its own, and the old rows stay as they are.',
        ]
      : []),
  ].join('\n');
}

const place = ({ eventType, pointer }: Change): string => `${eventType} ${pointer || '/'}`;
