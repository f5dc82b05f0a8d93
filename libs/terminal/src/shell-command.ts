import { terminalColumns } from './wrap-text';

/** One word, or several that must stay on one line, such as an option and its value. */
export type ShellArgument = string | readonly string[];

/** Text in front of every line. */
const indent = '  ';

export interface ShellCommandOptions {
  /** @default 80 */
  readonly columns?: number;
}

/**
 * Writes a command for pasting into a POSIX shell: words are quoted where they need it, and lines fit a terminal,
 * each continued by a backslash. A word that is longer than a line is not broken.
 *
 * @example
 * import { shellCommand } from '@sluice/terminal';
 * console.log(shellCommand(['npx', 'nx', 'run', 'infra:deploy', ['--configuration', 'dev']]));
 */
export function shellCommand(
  args: readonly ShellArgument[],
  { columns = terminalColumns }: ShellCommandOptions = {},
): string {
  const lines: string[] = [];
  let line = '';
  for (const arg of args) {
    const words = [arg].flat().map(shellWord).join(' ');
    // Two columns are kept for the backslash of a line that continues.
    if (line !== '' && line.length + 1 + words.length + 2 > columns) {
      lines.push(`${line} \\`);
      line = `${indent}  ${words}`;
    } else line = line === '' ? `${indent}${words}` : `${line} ${words}`;
  }
  return [...lines, line].join('\n');
}

/** Quotes a word for a POSIX shell where it needs quotes. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
