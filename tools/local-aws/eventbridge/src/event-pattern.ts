/** Error for a rule's pattern that is not supported here; the message names the part. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

type Matches = (value: unknown) => boolean;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Returns a function that decides whether an event matches a rule's pattern: every field that the pattern names must
 * hold one of the values it lists. Source: EventBridge user guide, "Event patterns" and "Comparison operators".
 *
 * @throws {@link PatternError}
 */
export function eventPattern(pattern: unknown, path = 'the pattern'): Matches {
  if (!isObject(pattern)) throw new PatternError(`${path} is no object`);
  const fields = Object.entries(pattern).map(([name, part]): readonly [string, Matches] => {
    const at = `${path}.${name}`;
    if (!Array.isArray(part)) return [name, eventPattern(part, at)];
    const tests = part.map((test: unknown) => comparison(test, at));
    return [
      name,
      // A list in the event matches if any of its items does.
      (value) =>
        (Array.isArray(value) ? (value as unknown[]) : [value]).some((item) =>
          tests.some((test) => test(item)),
        ),
    ];
  });
  return (event) => {
    const values = isObject(event) ? event : {};
    return fields.every(([name, test]) => test(values[name]));
  };
}

function comparison(test: unknown, path: string): Matches {
  if (!isObject(test)) return (value) => value === test;
  const [[operator, argument] = []] = Object.entries(test);
  const text = String(argument);
  const onText =
    (holds: (value: string) => boolean): Matches =>
    (value) =>
      typeof value === 'string' && holds(value);
  switch (operator) {
    case 'prefix':
      return onText((value) => value.startsWith(text));
    case 'suffix':
      return onText((value) => value.endsWith(text));
    case 'equals-ignore-case':
      return onText((value) => value.toLowerCase() === text.toLowerCase());
    case 'wildcard': {
      const parts = text.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      const expression = new RegExp(`^${parts.join('[^]*')}$`);
      return onText((value) => expression.test(value));
    }
    case 'exists':
      return (value) => (value !== undefined) === argument;
    case 'anything-but': {
      const refused: unknown[] = Array.isArray(argument) ? argument : [argument];
      const tests = refused.map((one) => comparison(one, path));
      return (value) => value !== undefined && !tests.some((matches) => matches(value));
    }
    default:
      throw new PatternError(`${path} compares by ${String(operator)}, which is not known here`);
  }
}
