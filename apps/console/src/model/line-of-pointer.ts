import { pointerSteps } from '@sluice/values/json-pointer';

/** A container around the scan: its current member or element, and how much of the pointer led there. */
interface Level {
  readonly isArray: boolean;
  /** Number of parts of the pointer that the path to this container follows; undefined beside the path. */
  readonly depth: number | undefined;
  index: number;
  /** Depth of the member whose value comes next. */
  valueDepth: number | undefined;
}

/**
 * Returns the index of the line where a JSON pointer's value begins; if the value is missing, that of the innermost
 * object around it. A `*` in the pointer selects the first element. Undefined for the whole text, and for text that
 * is not JSON.
 */
export function lineOfPointer(lines: readonly string[], pointer: string): number | undefined {
  const parts = pointerSteps(pointer).filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  const levels: Level[] = [];
  let best: { readonly line: number; readonly depth: number } | undefined;
  const reach = (level: Level, name: string, line: number): void => {
    const wanted = level.depth === undefined ? undefined : parts[level.depth];
    const fits = wanted !== undefined && (wanted === name || (wanted === '*' && level.isArray));
    level.valueDepth = fits ? (level.depth ?? 0) + 1 : undefined;
    if (level.valueDepth !== undefined && level.valueDepth > (best?.depth ?? 0))
      best = { line, depth: level.valueDepth };
  };
  for (const [line, text] of lines.entries())
    for (const { 0: token, 1: name } of text.matchAll(
      /("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[[\]{},]|[^\s[\]{}:,"]+/g,
    )) {
      const level = levels.at(-1);
      if (token === '}' || token === ']') {
        levels.pop();
        continue;
      }
      if (token === ',') {
        if (level) level.index++;
        continue;
      }
      if (name !== undefined) {
        if (level) reach(level, memberName(name), line);
        continue;
      }
      if (level?.isArray) reach(level, String(level.index), line);
      if (token === '{' || token === '[')
        levels.push({
          isArray: token === '[',
          depth: level ? level.valueDepth : rootDepth(token, parts),
          index: 0,
          valueDepth: undefined,
        });
    }
  return best?.line;
}

/** Returns how much of the pointer is behind a text that is one element of the array which its `*` stands for. */
const rootDepth = (opening: string, parts: readonly string[]): number =>
  opening === '{' && parts[0] === '*' ? 1 : 0;

function memberName(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
