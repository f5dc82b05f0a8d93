import { patternTokens, UnsupportedPatternError, type PatternToken } from './pattern-tokens';

/** Characters that ECMAScript's `\s` matches (ECMA-262, WhiteSpace and LineTerminator); RE2's matches only ASCII. */
const spaceRanges =
  '\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const notSpaceRanges =
  '\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}' +
  '\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';

/**
 * Translates a pattern of ECMAScript (flag `u`) to RE2, with the same meaning.
 *
 * @throws {@link UnsupportedPatternError} for look-around and back references, which RE2 lacks
 */
export function re2Text(pattern: string): string {
  return patternTokens(pattern).map(tokenText).join('');
}

function tokenText(token: PatternToken): string {
  switch (token.kind) {
    case 'dot':
      return '[^\\n\\r\\x{2028}\\x{2029}]';
    case 'end':
      return '\\z';
    case 'group':
      return '(?:';
    case 'escape':
      if (token.text === '\\s') return `[${spaceRanges}]`;
      if (token.text === '\\S') return `[${notSpaceRanges}]`;
      return escapeText(token.text);
    case 'class':
      return classText(token);
    case 'character':
      return literal(token.text);
    default:
      return token.text;
  }
}

function classText({ negated, members }: Extract<PatternToken, { kind: 'class' }>): string {
  // RE2 has no empty class.
  if (members.length === 0) return negated ? '[\\x{0}-\\x{10ffff}]' : '[^\\x{0}-\\x{10ffff}]';
  const inside = members.map((member) => {
    if (member === '\\s') return spaceRanges;
    if (member === '\\S') return notSpaceRanges;
    if (member === '\\b') return '\\x{8}';
    if (member === '-') return '-';
    return member.startsWith('\\') ? escapeText(member) : literal(member);
  });
  return `[${negated ? '^' : ''}${inside.join('')}]`;
}

const code = (value: number): string => {
  if (value >= 0xd800 && value <= 0xdfff)
    throw new UnsupportedPatternError('half a surrogate pair matches no text');
  return `\\x{${value.toString(16)}}`;
};

/** Writes a character, as its code where RE2 could give it a special meaning. */
const literal = (character: string): string =>
  /[\p{L}\p{N} _]/u.test(character) ? character : code(character.codePointAt(0) ?? 0);

/** Matches properties whose short names RE2 supports; scripts are named without a prefix. */
const propertyName = /^\\(p|P)\{(?:(?:General_Category|gc|Script|sc)=)?([^}]*)\}$/u;

function escapeText(text: string): string {
  const property = propertyName.exec(text);
  if (property) return `\\${property[1] ?? ''}{${property[2] ?? ''}}`;
  const pair = /^\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})$/i.exec(text);
  if (pair)
    return code(
      (parseInt(pair[1] ?? '', 16) - 0xd800) * 0x400 +
        (parseInt(pair[2] ?? '', 16) - 0xdc00) +
        0x10000,
    );
  const hex = /^\\(?:u\{|u|x)([0-9a-f]+)\}?$/i.exec(text);
  if (hex) return code(parseInt(hex[1] ?? '', 16));
  const control = /^\\c([a-z])$/i.exec(text);
  if (control) return code((control[1] ?? '').charCodeAt(0) % 32);
  if (text === '\\0') return code(0);
  if (/^\\[dDwWbBtnvfr]$/.test(text)) return text;
  return code(text.codePointAt(1) ?? 0);
}
