import { parse as parseLossless } from 'lossless-json';

/** Matches integers of 16 digits or more, some of which a double can't tell apart. */
const longInteger = /(?<![\d.])\d{16,}(?![\d.eE])/;

/** Parses JSON. Integers of 16 digits or more become text, which the columns read exactly. @throws SyntaxError */
export const parseRowJson = (text: string): unknown =>
  longInteger.test(text)
    ? parseLossless(text, undefined, { parseNumber: exactNumber })
    : JSON.parse(text);

const exactNumber = (literal: string): unknown =>
  /^-?\d{16,}$/.test(literal) ? literal : Number(literal);
