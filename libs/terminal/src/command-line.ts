import { CommanderError, type Command } from 'commander';
import { terminalColumns, wrapText } from './wrap-text';

/** What a command has of the terminal, or the program, that runs it. */
export interface Terminal {
  /** Arguments without Node's own two, the program and its file. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
}

/** The part of a terminal that a command line is read with. */
export type CommandLine = Pick<Terminal, 'args' | 'stdout' | 'stderr'>;

interface TextSink {
  readonly write: (text: string) => unknown;
  /** True for a terminal, in contrast to a pipe or a file. */
  readonly isTTY?: boolean;
}

/** Thrown where the command line is wrong, or only asks for help; what there is to say was written already. */
export class CommandLineExit extends Error {
  override readonly name = 'CommandLineExit';
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

/** Thrown for what a person can mend; the message is a sentence for them. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Parses a command line without ending the process.
 *
 * @param read gives what was asked for, once the command has parsed it; it may refuse by `command.error`
 * @throws {@link CommandLineExit}
 * @example
 * const { dataDir } = readCommandLine(command, terminal, () => command.opts<Options>());
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
        writeErr: (text) => void stderr.write(text),
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
 * Wraps the paragraphs of a help that are wider than a terminal. Indented lines are kept: commands to be pasted, and options, which are
 * laid out already.
 */
const fitParagraphs = (text: string): string =>
  text.replace(/^\S.*(?:\n\S.*)*/gm, (paragraph) =>
    paragraph.split('\n').some((line) => line.length > terminalColumns)
      ? wrapText(paragraph)
      : paragraph,
  );

type ErrorClass = abstract new (...args: never) => Error;

/**
 * Runs a command to its exit code: that of `work`, that of a command line that is wrong or asks for help, or 1 for what a person
 * can mend, whose sentence goes to standard error.
 *
 * @param forPeople further errors, beside {@link UsageError}, whose message is such a sentence
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
    if (![UsageError, ...forPeople].some((known) => error instanceof known)) throw error;
    stderr.write(`error: ${(error as Error).message}\n`);
    return 1;
  }
}
