import { CommanderError, type Command } from 'commander';
import { terminalColumns, wrapLines, wrapText } from './wrap-text';

/** The terminal that runs a command, or the program that stands in for one. */
export interface Terminal {
  /** Arguments, without the two that Node adds in front (the program and its file). */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
}

/** The part of a terminal that {@link readCommandLine} needs. */
export type CommandLine = Pick<Terminal, 'args' | 'stdout' | 'stderr'>;

interface TextSink {
  readonly write: (text: string) => unknown;
  /** True for a terminal, in contrast to a pipe or a file. */
  readonly isTTY?: boolean;
}

/** Thrown where the command line is wrong or only asks for help. The message for the user has been written by then. */
export class CommandLineExit extends Error {
  override readonly name = 'CommandLineExit';
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

/** Error that the user can fix; its message is a sentence for them. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Parses a command line without ending the process.
 *
 * @param read returns the options once the command has parsed them; it may refuse them by `command.error`
 * @throws {@link CommandLineExit}
 *
 * @example
 * import { Command } from 'commander';
 * import { readCommandLine } from '@sluice/terminal/command-line';
 * const command = new Command('greet').option('--name <name>', 'whom to greet', 'Ada');
 * const terminal = { args: process.argv.slice(2), stdout: process.stdout, stderr: process.stderr };
 * const { name } = readCommandLine(command, terminal, () => command.opts<{ name: string }>());
 */
export function readCommandLine<T>(
  command: Command,
  { args, stdout, stderr }: CommandLine,
  read: () => T,
): T {
  for (const each of [command, ...command.commands])
    each
      .allowExcessArguments(false)
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void stdout.write(fitParagraphs(text)),
        writeErr: (text) => void stderr.write(fitLines(text, stderr)),
      });
  try {
    command.parse(args, { from: 'user' });
    return read();
  } catch (error) {
    if (error instanceof CommanderError) throw new CommandLineExit(error.exitCode);
    throw error;
  }
}

/**
 * Wraps paragraphs of a help text that are wider than a terminal. Indented lines are kept: they are commands to be
 * pasted, or options, which are laid out already.
 */
const fitParagraphs = (text: string): string =>
  text.replace(/^\S.*(?:\n\S.*)*/gm, (paragraph) =>
    paragraph.split('\n').some((line) => line.length > terminalColumns)
      ? wrapText(paragraph)
      : paragraph,
  );

/** Wraps each sentence of an error that is wider than a terminal; a program that reads it gets it on one line. */
const fitLines = (text: string, { isTTY }: TextSink): string => (isTTY ? wrapLines(text) : text);

type ErrorClass = abstract new (...args: never) => Error;

/**
 * Runs a command and returns its exit code: the result of `work`, the code of a wrong command line or a request for
 * help, or 1 for an error that the user can fix, such as a full disk, whose message goes to standard error.
 *
 * @param forPeople further errors, in addition to {@link UsageError}, whose message is meant for the user
 * @throws every other error: it is a fault of the program, and keeps its stack
 */
export async function runCommand(
  { stderr }: Pick<Terminal, 'stderr'>,
  forPeople: readonly ErrorClass[],
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandLineExit) return error.exitCode;
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      stderr.write('error: no space is left on the disk\n');
      return 1;
    }
    if (![UsageError, ...forPeople].some((known) => error instanceof known)) throw error;
    stderr.write(fitLines(`error: ${(error as Error).message}\n`, stderr));
    return 1;
  }
}
