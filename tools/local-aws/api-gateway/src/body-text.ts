import { isUtf8 } from 'node:buffer';
import { parse as parseLossless } from 'lossless-json';

/**
 * Returns the fault that a body has before any model sees it; undefined where the body is UTF-8 and not blank. No
 * fault quotes the body.
 *
 * @param text the body, decoded
 */
export function bodyFault(body: Buffer, text: string): string | undefined {
  if (body[0] === 0xff && body[1] === 0xfe) return 'not JSON: the body is UTF-16; send UTF-8';
  if (body[0] === 0xfe && body[1] === 0xff) return 'not JSON: the body is UTF-16; send UTF-8';
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf)
    return 'not JSON: the body begins with a byte order mark (U+FEFF); send it without';
  // JSON is UTF-8 (RFC 8259, section 8.1); anything else would be stored with replacement characters.
  if (!isUtf8(body)) return 'not JSON: the body is not UTF-8';
  return /^\s*$/.test(text) ? 'the body is empty' : undefined;
}

/**
 * Says where a text stops being JSON. V8's own message is not used, because it quotes the text: an event, which must
 * not get into logs.
 *
 * @param error what JSON.parse threw for it
 */
export function jsonFault(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (/end of JSON input|Unterminated/i.test(message)) return 'not JSON: the text ends too early';
  const at = positionOf(message) ?? losslessPosition(text);
  if (at === undefined) return 'not JSON';
  const before = text.slice(0, at).split('\n');
  return `not JSON at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

const positionOf = (message: string): number | undefined => {
  const digits = /\bposition (\d+)/.exec(message)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

function losslessPosition(text: string): number | undefined {
  try {
    parseLossless(text);
    return undefined;
  } catch (error) {
    return positionOf(error instanceof Error ? error.message : '');
  }
}
