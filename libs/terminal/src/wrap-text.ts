import { textWidth } from './text-width';

/** Columns for which messages are laid out: the default width of a terminal. */
export const terminalColumns = 80;

export interface WrapOptions {
  /** Text in front of the first line. @default '' */
  readonly first?: string;
  /** Text in front of every further line. @default as many spaces as `first` is wide */
  readonly rest?: string;
  /** @default 80 */
  readonly columns?: number;
}

/**
 * Breaks a text at spaces so that each line fits. A word that is longer than a line gets a line of its own, unbroken.
 */
export function wrapText(
  text: string,
  { first = '', rest = ' '.repeat(textWidth(first)), columns = terminalColumns }: WrapOptions = {},
): string {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (!isEmpty && textWidth(line) + 1 + textWidth(word) > columns) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}

/**
 * Breaks the lines of a text that are wider than a terminal. Indented lines are kept: they are commands to be pasted,
 * or parts of a report.
 */
export const wrapLines = (text: string): string =>
  text.replace(/^\S.*$/gm, (line) => (textWidth(line) > terminalColumns ? wrapText(line) : line));
