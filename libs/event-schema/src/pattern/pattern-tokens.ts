/** Error for a pattern that no engine of linear time can run. The message names the feature. */
export class UnsupportedPatternError extends Error {
  override readonly name = 'UnsupportedPatternError';
}

/** A part of a regular expression of ECMAScript with the flag `u`. */
export type PatternToken =
  | {
      readonly kind: 'character' | 'escape' | 'dot' | 'start' | 'end' | 'boundary';
      readonly text: string;
    }
  /** Members of a class as they are written; a `-` between two of them makes a range. */
  | {
      readonly kind: 'class';
      readonly text: string;
      readonly negated: boolean;
      readonly members: readonly string[];
    }
  | { readonly kind: 'group' | 'close' | 'or'; readonly text: string }
  /** `min` and `max` are inclusive. */
  | {
      readonly kind: 'quantifier';
      readonly text: string;
      readonly min: number;
      readonly max: number;
    };

const escape =
  /\\(?:u\{[0-9a-f]+\}|ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z]|[pP]\{[^}]*\}|k<[^>]*>|[1-9][0-9]*|[^])/iuy;
const quantifier = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/uy;
const group = /\((?:\?(?:<?[=!]|<[^>]*>|[a-z-]*:))?/uy;

const oneCharacter: Readonly<Record<string, PatternToken['kind'] & ('dot' | 'start' | 'end')>> = {
  '.': 'dot',
  '^': 'start',
  $: 'end',
};

/**
 * Splits a pattern that ECMAScript accepts with the flag `u` into tokens.
 *
 * @throws {@link UnsupportedPatternError} for look-around, back references and modifiers
 */
export function patternTokens(pattern: string): readonly PatternToken[] {
  const tokens: PatternToken[] = [];
  let at = 0;
  const take = (expression: RegExp): RegExpExecArray | undefined => {
    expression.lastIndex = at;
    return expression.exec(pattern) ?? undefined;
  };
  while (at < pattern.length) {
    const start = at;
    const character = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
    const found = take(quantifier);
    if (found) {
      tokens.push(quantifierToken(found));
      at += found[0].length;
    } else if (character === '\\') {
      const text = take(escape)?.[0] ?? character;
      tokens.push(escapeToken(text));
      at += text.length;
    } else if (character === '[') {
      const { token, end } = classToken(pattern, at);
      tokens.push(token);
      at = end;
    } else if (character === '(') {
      const text = take(group)?.[0] ?? character;
      tokens.push(groupToken(text));
      at += text.length;
    } else {
      at += character.length;
      if (character === ')') tokens.push({ kind: 'close', text: character });
      else if (character === '|') tokens.push({ kind: 'or', text: character });
      else tokens.push({ kind: oneCharacter[character] ?? 'character', text: character });
    }
    if (at === start) throw new UnsupportedPatternError(`nothing is known to begin at ${at}`);
  }
  return tokens;
}

function quantifierToken([text, min, comma, max]: RegExpExecArray): PatternToken {
  const [sign] = text;
  if (sign === '*') return { kind: 'quantifier', text, min: 0, max: Infinity };
  if (sign === '+') return { kind: 'quantifier', text, min: 1, max: Infinity };
  if (sign === '?') return { kind: 'quantifier', text, min: 0, max: 1 };
  const least = Number(min);
  const most = comma === undefined ? least : max ? Number(max) : Infinity;
  return { kind: 'quantifier', text, min: least, max: most };
}

function escapeToken(text: string): PatternToken {
  if (/^\\(?:k|[1-9])/.test(text))
    throw new UnsupportedPatternError(`it refers back to a group by ${text}`);
  return { kind: /^\\[bB]$/.test(text) ? 'boundary' : 'escape', text };
}

function groupToken(text: string): PatternToken {
  if (/^\(\?<?[=!]/.test(text)) throw new UnsupportedPatternError(`it looks around by ${text}…)`);
  if (/^\(\?[a-z-]+:/.test(text))
    throw new UnsupportedPatternError(`it changes flags within the pattern by ${text}…)`);
  return { kind: 'group', text };
}

function classToken(
  pattern: string,
  start: number,
): { readonly token: PatternToken; readonly end: number } {
  let at = start + 1;
  const negated = pattern[at] === '^';
  if (negated) at++;
  const members: string[] = [];
  while (at < pattern.length && pattern[at] !== ']') {
    escape.lastIndex = at;
    const member = escape.exec(pattern)?.[0] ?? String.fromCodePoint(pattern.codePointAt(at) ?? 0);
    members.push(member);
    at += member.length;
  }
  const end = at + 1;
  return { token: { kind: 'class', text: pattern.slice(start, end), negated, members }, end };
}
