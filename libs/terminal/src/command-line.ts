import { CommanderError, type Command } from 'commander';

/** The command line is wrong, or only asks for help; what there is to say was written already. */
export class CommandLineExit extends Error {
  override readonly name = 'CommandLineExit';
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

export interface CommandLine {
  /** Without the program's own two. */
  readonly args: readonly string[];
  readonly stdout: TextSink;
  readonly stderr: TextSink;
}

interface TextSink {
  readonly write: (text: string) => unknown;
}

/**
 * Parses a command line without an end of the process.
 *
 * @param read gives what was asked for, once the command has parsed it; it may refuse by `command.error`
 * @throws {@link CommandLineExit}
 */
export function readCommandLine<T>(
  command: Command,
  { args, stdout, stderr }: CommandLine,
  read: () => T,
): T {
  command
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
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
