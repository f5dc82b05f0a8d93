/** An object of the row: for each member's name either an object or the index of a value. */
type RowObject = Map<string, RowObject | number>;

/** The same object with its names as JSON: `"name":`. */
type Template = readonly (readonly [name: string, member: Template | number])[];

/**
 * Returns a function that writes values, each already JSON text, as one JSON object with each value at its path.
 * Undefined values, and objects without members, are left out.
 *
 * @param paths of each value; undefined for a value that is not written
 */
export function createRowWriter(
  paths: readonly (readonly string[] | undefined)[],
): (texts: readonly (string | undefined)[]) => string {
  const root: RowObject = new Map();
  paths.forEach((path, index) => {
    if (!path) return;
    let object = root;
    for (const step of path.slice(0, -1)) {
      const known = object.get(step);
      const next: RowObject =
        typeof known === 'object' ? known : new Map<string, RowObject | number>();
      object.set(step, next);
      object = next;
    }
    object.set(path.at(-1) ?? '', index);
  });
  const template = templateOf(root);
  return (texts) => write(template, texts) ?? '{}';
}

const templateOf = (object: RowObject): Template =>
  [...object].map(([name, member]) => [
    `${JSON.stringify(name)}:`,
    typeof member === 'number' ? member : templateOf(member),
  ]);

function write(template: Template, texts: readonly (string | undefined)[]): string | undefined {
  let written = '';
  for (const [name, member] of template) {
    const text = typeof member === 'number' ? texts[member] : write(member, texts);
    if (text !== undefined) written += (written && ',') + name + text;
  }
  return written === '' ? undefined : `{${written}}`;
}

/**
 * Finds two values that can't both be in one object: one is at the other's path, or below it.
 *
 * @returns their indices, the earlier one first; undefined where there are none
 */
export function clashOfPaths(
  paths: readonly (readonly string[])[],
): readonly [number, number] | undefined {
  const whole = new Map<string, number>();
  const above = new Map<string, number>();
  for (const [index, path] of paths.entries()) {
    const ends = path.map((_, end) => JSON.stringify(path.slice(0, end + 1)));
    const text = JSON.stringify(path);
    const below = above.get(text);
    const other = below ?? ends.map((end) => whole.get(end)).find((found) => found !== undefined);
    if (other !== undefined) return [other, index];
    whole.set(text, index);
    for (const end of ends.slice(0, -1)) if (!above.has(end)) above.set(end, index);
  }
  return undefined;
}
