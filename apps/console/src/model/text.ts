// Writes values for people. The functions are pure, and create no elements.

/** Returns a count with separators: `1,234,567`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en');

/** Returns a short count: `950`, `12.3k`, `4.6M`. */
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

/** Returns an amount of dollars: `1,234.56`, and two digits that count below a cent. */
export const dollars = (amount: number): string =>
  amount > 0 && amount < 0.01
    ? amount.toLocaleString('en', { maximumSignificantDigits: 2 })
    : amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

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

/** Returns the day and minute in UTC: `2026-01-31 08:02`. */
export const dayAndTime = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** Returns a count with its noun in singular or plural: `1 row`, `2 rows`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/**
 * Makes every character of a text visible: control characters, and those that change the direction of surrounding
 * text (Unicode, UAX 9), are replaced by their code points. Line feeds and tabs are kept where `lines` is true.
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

/** Returns the beginning of a text, and whether it was cut. Never cuts within a character. */
export function beginning(
  text: string,
  most: number,
): { readonly text: string; readonly isCut: boolean } {
  if (text.length <= most) return { text, isCut: false };
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return { text: text.slice(0, end), isCut: true };
}

/**
 * Breaks JSON text into several lines, digit for digit as it was sent: only white space between tokens changes. Text
 * that is not JSON is returned unchanged.
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
  // Objects in arrays begin on new lines.
  return out.replace(/,([{[])/g, ', $1');
}
