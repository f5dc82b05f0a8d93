import type { HttpRequest } from './http';
import { Problem, quoted } from './problem';

/** Refuses names that nobody reads, so that a misspelt one can't silently have no effect. @throws Problem 400 */
export function refuseUnknown(
  what: 'parameter' | 'member',
  names: Iterable<string>,
  known: readonly string[],
): void {
  const unknown = [...names].filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Problem(
      400,
      `unknown ${what} ${unknown.map(quoted).join(', ')}; ${known.length === 0 ? 'there are none' : `known are ${known.join(', ')}`}`,
    );
}

/** Returns the parameters of a query, each at most once. @throws Problem 400 for an unknown or a repeated one */
export function queryParameters(
  { query }: Pick<HttpRequest, 'query'>,
  known: readonly string[],
): Readonly<Record<string, string | undefined>> {
  refuseUnknown('parameter', query.keys(), known);
  for (const [name, values] of query)
    if (values.length > 1)
      throw new Problem(400, `${quoted(name)} is given ${values.length} times`);
  return Object.fromEntries([...query].map(([name, [value]]) => [name, value]));
}

/**
 * Reads a whole number from `least` to `most`, both inclusive.
 *
 * @returns `otherwise` where there is no text
 * @throws Problem 400 where the text is no such number
 */
export function wholeNumber(
  text: string | undefined,
  name: string,
  {
    least,
    most,
    otherwise,
  }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new Problem(
    400,
    `"${name}" must be a whole number from ${least} to ${most}; it is ${quoted(text)}`,
  );
}
