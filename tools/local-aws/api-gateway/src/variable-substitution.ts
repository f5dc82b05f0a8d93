/**
 * Replaces each `$context.a.b` in a text by its value. Supports no VTL, like API Gateway's access logs and gateway
 * responses.
 */
export const substituteVariables = (
  template: string,
  valueOf: (path: string) => string | undefined,
): string =>
  template.replace(
    /\$\{(\w+(?:\.[\w-]+)+)\}|\$((?:context|stageVariables)(?:\.[\w-]+)+)/g,
    (_written, inBraces: string | undefined, bare: string | undefined) =>
      valueOf(inBraces ?? bare ?? '') ?? '-',
  );

/** Returns the value at a dotted path through plain objects, as text. */
export function valueAtPath(
  root: Readonly<Record<string, unknown>>,
  path: string,
): string | undefined {
  let value: unknown = root;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
