/** Proposes a name for the event type of a file: `My Orders-2.ndjson` → `my_orders_2`. */
export function typeNameOf(fileName: string): string {
  const stem = fileName.replace(/(?:\.(?:json|ndjson|jsonl))?(?:\.gz)?$/i, '');
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '');
  return name === '' ? 'event' : name.slice(0, 60);
}

/**
 * Returns the JSON texts of a file's events: its lines, or the elements of an array. The texts are unchanged, digit
 * for digit.
 *
 * @throws Error where the file is an array that can't be read
 */
export function eventTexts(text: string): readonly string[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('[')) {
    const lines = trimmed.split(/\r?\n/).filter((line) => line.trim() !== '');
    return lines.length > 1 && !isJson(lines[0] ?? '') && isJson(trimmed) ? [trimmed] : lines;
  }
  if (!isJson(trimmed)) throw new Error('The file is no JSON.');
  return elements(trimmed);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Splits the text of an array into those of its elements. */
function elements(array: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let isText = false;
  let start = 1;
  for (let at = 0; at < array.length; at++) {
    const character = array[at];
    if (isText) {
      if (character === '\\') at++;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (!isText && ((character === ',' && depth === 1) || depth === 0)) {
      const element = array.slice(start, at).trim();
      if (element !== '') found.push(element);
      start = at + 1;
      if (depth === 0) break;
    }
  }
  return found;
}

/** Events of a file, and those among its texts that are none. */
export interface CheckedTexts {
  readonly texts: readonly string[];
  /** Positions of the texts that are no JSON, counted from 1. */
  readonly broken: readonly number[];
}

/** Leaves out the texts that are no JSON, which would have the gateway refuse all events sent with them. */
export function checkedTexts(texts: readonly string[]): CheckedTexts {
  const broken: number[] = [];
  const good = texts.filter((text, index) => {
    const isGood = isJson(text);
    if (!isGood) broken.push(index + 1);
    return isGood;
  });
  return { texts: good, broken };
}

const maxEvents = 500;
const maxCharacters = 900_000;

/** Groups events into batches of the size that the gateway accepts. */
export function batchesOf(texts: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let current: string[] = [];
  let characters = 0;
  for (const text of texts) {
    if (
      current.length > 0 &&
      (current.length === maxEvents || characters + text.length > maxCharacters)
    ) {
      batches.push(current);
      current = [];
      characters = 0;
    }
    current.push(text);
    characters += text.length;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
