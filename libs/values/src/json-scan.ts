// Finds the ends of tokens in a text that JSON.parse has accepted. Nothing here checks grammar, and nothing recurses,
// so that any depth is safe; in any other text a token ends with the text at the latest. A separate entry point
// (@sluice/values/json-scan).

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;

/** Returns the first position at or after `at` that is not white space (RFC 8259, section 2). */
export function skipSpace(text: string, at: number): number {
  let position = at;
  // Between tokens, all characters up to the space are white space.
  while (text.charCodeAt(position) <= space) position++;
  return position;
}

/** Returns the position after the closing quote of the string that opens at `at`. */
export function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1))
    if (text.charCodeAt(end - 1) !== backslash || !isEscaped(text, end)) return end + 1;
  return text.length;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === backslash) first--;
  return (at - first) % 2 === 1;
}

/** Returns the position after the number or literal name that starts at `at`. */
export function endOfWord(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === comma || code === closeBrace || code === closeBracket || code <= space) break;
  }
  return end;
}

/** Returns the position after the object or array that opens at `at`. */
export function endOfContainer(text: string, at: number): number {
  let depth = 0;
  let position = at;
  do {
    switch (text.charCodeAt(position)) {
      case quote:
        position = endOfString(text, position);
        continue;
      case openBrace:
      case openBracket:
        depth++;
        break;
      case closeBrace:
      case closeBracket:
        depth--;
        break;
    }
    position++;
  } while (depth > 0 && position < text.length);
  return position;
}

/** Returns the position after the value that starts at `at`. */
export function endOfValue(text: string, at: number): number {
  switch (text.charCodeAt(at)) {
    case quote:
      return endOfString(text, at);
    case openBrace:
    case openBracket:
      return endOfContainer(text, at);
    default:
      return endOfWord(text, at);
  }
}
