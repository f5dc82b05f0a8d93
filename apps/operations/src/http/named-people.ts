import { hasSubject, tableName, type EventType } from '@sluice/event-schema';
import { Problem, quoted } from '@sluice/lambda-http';

const maxSubjectCharacters = 1_024;

/** Reads the name of a person. @throws Problem where the value is not such a text */
export function subjectOf(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= maxSubjectCharacters)
    return value;
  throw new Problem(
    400,
    `"subject" must be the text that names the person, of at most ${maxSubjectCharacters} characters`,
  );
}

/**
 * Returns the event types that name people: one by its name or its table, or else all.
 *
 * @throws Problem where there is none
 */
export function namingTypes(eventTypes: readonly EventType[], name: unknown): readonly EventType[] {
  const naming = eventTypes.filter(hasSubject);
  if (naming.length === 0)
    throw new Problem(
      400,
      'no event type has a "subject": no definition says which values name a person',
    );
  if (name === undefined) return naming;
  const found = naming.filter((one) => one.name === name || tableName(one) === name);
  if (found.length > 0) return found;
  throw new Problem(
    400,
    `there is no event type ${quoted(typeof name === 'string' ? name : JSON.stringify(name))} that names people; there is ${naming.map((one) => one.name).join(', ')}`,
  );
}
