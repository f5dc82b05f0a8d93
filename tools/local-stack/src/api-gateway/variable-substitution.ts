/** Prints values into text at `$context.a.b`. No VTL: that is what access logs and gateway responses know. */
export const substituteVariables = (
  template: string,
  valueOf: (path: string) => string | undefined,
): string =>
  template.replace(
    /\$(?:\{)?((?:context|stageVariables|method)(?:\.[\w-]+)+)\}?/g,
    (written, path: string) => {
      void written;
      return valueOf(path) ?? '-';
    },
  );

/** The value at a dotted path of plain objects, as text. */
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
  return value === undefined || value === null ? undefined : String(value as string | number);
}
