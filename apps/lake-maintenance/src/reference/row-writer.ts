/** An object of the row: its members are objects, or values by their position. */
interface RowObject {
  readonly members: Map<string, RowObject | number>;
}

/**
 * Makes a function that writes values, each already JSON text, as one JSON object, each at its path. A value that is undefined is left
 * out, and so is an object without members.
 *
 * @param paths of each value; undefined where it goes nowhere
 */
export function createRowWriter(
  paths: readonly (readonly string[] | undefined)[],
): (texts: readonly (string | undefined)[]) => string {
  const root: RowObject = { members: new Map() };
  paths.forEach((path, index) => {
    if (!path) return;
    let object = root;
    for (const step of path.slice(0, -1)) {
      const known = object.members.get(step);
      const next = typeof known === 'object' ? known : { members: new Map() };
      object.members.set(step, next);
      object = next;
    }
    object.members.set(path.at(-1) ?? '', index);
  });

  const write = (object: RowObject, texts: readonly (string | undefined)[]): string | undefined => {
    let written = '';
    for (const [name, member] of object.members) {
      const text = typeof member === 'number' ? texts[member] : write(member, texts);
      if (text !== undefined) written += `${written && ','}${JSON.stringify(name)}:${text}`;
    }
    return written === '' ? undefined : `{${written}}`;
  };
  return (texts) => write(root, texts) ?? '{}';
}
