/** One step from a JSON value to a member or an element. */
export type JsonPathStep = string | number;

const step = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/**
 * Returns the steps of a plain JsonPath: `$`, `$.a.b`, `$['a b'][3]`. Returns undefined for Jayway's other forms
 * (wildcards, filters, `..`), which this emulation does not support.
 */
export function parseJsonPath(path: string): readonly JsonPathStep[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: JsonPathStep[] = [];
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (!match) return undefined;
    const [, name, index, single, double] = match;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1'));
  }
  return steps;
}
