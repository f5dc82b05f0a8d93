import { parse as parseLossless } from 'lossless-json';

/** Integers that a double can't tell apart have 16 digits or more. */
const longInteger = /(?<![\d.])\d{16,}(?![\d.eE])/;

/** Parses JSON; integers beyond a double's reach come as text, which the columns read exactly. @throws SyntaxError */
export const parseRowJson = (text: string): unknown =>
  longInteger.test(text)
    ? parseLossless(text, undefined, { parseNumber: exactNumber })
    : JSON.parse(text);

const exactNumber = (literal: string): unknown =>
  /^-?\d{16,}$/.test(literal) ? literal : Number(literal);
