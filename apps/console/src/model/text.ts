// How values are written for a person. Pure: no element is made here.

/** Returns a count with separators: `1,234,567`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en');

/** Returns a count that is short: `950`, `12.3k`, `4.6M`. */
export function shortCount(value: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (Math.abs(value) >= size) return `${trimmed(value / size)}${unit}`;
  return trimmed(value);
}

const trimmed = (value: number): string =>
  value.toFixed(Math.abs(value) < 10 ? 1 : Math.abs(value) < 100 ? 1 : 0).replace(/\.0$/, '');

/** Returns a size: `0 B`, `12.3 kB`, `4.6 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 ? value : trimmed(value)} ${units[unit] ?? ''}`;
}

/** Returns how long ago a moment was: `now`, `12 s`, `3 min`, `2 h`, `5 d`. */
export function age(ms: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1_000));
  if (seconds < 2) return 'now';
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** Returns the time of day in UTC: `08:02:24`. */
export const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

/** Returns day and minute in UTC: `2026-01-31 08:02`. */
export const dayAndTime = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** Returns a word in the number that goes with a count: `1 row`, `2 rows`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/**
 * Returns a text whose every character can be seen: controls, and what turns the direction of the text around it (Unicode, UAX 9), as
 * their code points. Line feeds and tabs stay where `lines` says so.
 */
export const visible = (text: string, { lines = false } = {}): string =>
  text.replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (character) =>
      lines && (character === '\n' || character === '\t')
        ? character
        : `⟨${character.charCodeAt(0).toString(16).padStart(4, '0')}⟩`,
  );

/** Returns the beginning of a text, and whether there was more. Cuts between characters, not within one. */
export function beginning(
  text: string,
  most: number,
): { readonly text: string; readonly isCut: boolean } {
  if (text.length <= most) return { text, isCut: false };
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return { text: text.slice(0, end), isCut: true };
}

/**
 * Returns JSON text over several lines, digit for digit as it was sent: only blanks between tokens change. Text that is no JSON comes back
 * as it is.
 */
export function prettyJson(text: string): string {
  const trimmedText = text.trim();
  if (!/^[[{]/.test(trimmedText)) return text;
  let out = '';
  let depth = 0;
  const newLine = (): void => {
    out += `\n${'  '.repeat(depth)}`;
  };
  const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+|"/g;
  let last = '';
  for (const [token] of trimmedText.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      if (last !== '' && last !== ':' && last !== '{' && last !== '[' && last !== ',') out += ' ';
      out += token;
      depth++;
      last = token;
      continue;
    }
    if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      if (last !== '{' && last !== '[') newLine();
      out += token;
    } else if (token === ',') out += token;
    else if (token === ':') out += ': ';
    else {
      if (last === '{' || last === '[' || last === ',') newLine();
      out += token;
      last = token;
      continue;
    }
    if (token === ',') {
      last = token;
      continue;
    }
    last = token;
  }
  // Objects in arrays begin on lines of their own.
  return out.replace(/,([{[])/g, ', $1');
}
