const indentOf = (line: string): number => line.length - line.trimStart().length;

/**
 * Finds the line of a value in a text that `prettyJson` has broken into lines.
 *
 * @param pointer JSON pointer (RFC 6901), in which `*` is the first element of an array
 * @returns the position of the line; that of the object around it where it is missing, and undefined for a text without it
 */
export function lineOfPointer(lines: readonly string[], pointer: string): number | undefined {
  let at: number | undefined;
  const segments = pointer.split('/').slice(1);
  for (const [level, segment] of segments.entries()) {
    const indent = 2 * (level + 1);
    const name = segment.replace(/~1/g, '/').replace(/~0/g, '~');
    const found = memberLine(lines, (at ?? 0) + 1, indent, name);
    if (found !== undefined) at = found;
    else if (segment === '*' || /^\d+$/.test(segment)) {
      const element = segment === '*' ? 0 : Number(segment);
      at = elementLine(lines, at ?? 0, indent, element);
    } else return at ?? (lines[0]?.startsWith('{') ? 0 : undefined);
  }
  return at;
}

/** Returns the line of a member of the object whose members begin at a line. */
function memberLine(
  lines: readonly string[],
  from: number,
  indent: number,
  name: string,
): number | undefined {
  const start = `${' '.repeat(indent)}${JSON.stringify(name)}:`;
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.startsWith(start)) return at;
    if (indentOf(line) < indent) return undefined;
  }
  return undefined;
}

/** Returns the line at which an element of an array begins; an object begins at the end of the line before. */
function elementLine(
  lines: readonly string[],
  array: number,
  indent: number,
  element: number,
): number {
  let at = array;
  for (let left = element; left > 0; left--) {
    const next = lines.indexOf(`${' '.repeat(indent)}}, {`, at + 1);
    if (next < 0) return array;
    at = next;
  }
  return at;
}
