/** An object of the row: by the names of its members, objects or values by their position. */
type RowObject = Map<string, RowObject | number>;

/** The same with the names as they are written: `"name":`. */
type Template = readonly (readonly [name: string, member: Template | number])[];

/**
 * Makes a function that writes values, each already JSON text, as one JSON object, each at its path. A value that is undefined is left
 * out, and so is an object without members.
 *
 * @param paths of each value; undefined where it goes nowhere
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
