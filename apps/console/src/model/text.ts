import { spanText } from '@sluice/values/figures';

// Writes values for people. The functions are pure, and create no elements.

export {
  counted as plural,
  countText as count,
  dollarsText as dollars,
  durationText as duration,
  minuteText as dayAndTime,
  shortCountText as shortCount,
  sizeText as size,
} from '@sluice/values/figures';

/** Returns how long ago a moment was: `now`, `12 s`, `3 min`, `2 h`, `5 d`. */
export const age = (ms: number, nowMs: number): string =>
  nowMs - ms < 1_500 ? 'now' : spanText(nowMs - ms);

/** Returns the time of day in UTC: `08:02:24`. */
export const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

/**
 * Makes every character of a text visible: control characters, and those that change the direction of surrounding
 * text (Unicode, UAX 9), are replaced by their code points. Line feeds and tabs are kept where `lines` is true.
 */
export const visible = (text: string, { lines = false } = {}): string =>
  text.replace(
    // oxlint-disable-next-line no-control-regex
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
      // Objects in arrays stay on the line of the one before.
      out += last === ',' ? ` ${token}` : token;
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
  return out;
}

/** Returns JSON text in one line: white space between tokens goes, and what is inside of texts stays. */
export const compactJson = (text: string): string =>
  /^\s*[[{]/.test(text)
    ? text.trim().replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, quoted?: string) => quoted ?? '')
    : text;
