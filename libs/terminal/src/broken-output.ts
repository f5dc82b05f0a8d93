interface Output {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** The part of Node's `process` that {@link handleBrokenOutput} needs. */
export interface Program {
  readonly stdout: Output;
  readonly stderr: Output & { readonly write: (text: string) => unknown };
  exitCode?: number | string | null | undefined;
  once(event: 'exit', listener: () => void): unknown;
  readonly exit: (code: number) => void;
}

export interface BrokenOutputOptions {
  /** True for a program that keeps running without its output, such as a server. */
  readonly goesOn?: boolean;
}

/** Milliseconds that a command which can't write any more has to end by itself and remove its temporary files. */
const graceMs = 1_000;

/**
 * Handles a standard output that can't be written: a full disk below `> file`, a reader such as `head` that has gone. Node would end
 * the program with a stack.
 *
 * A program whose reader has gone ends quietly with 0, since the reader has seen enough. For every other reason there is one sentence
 * on standard error, and the exit code is 1.
 *
 * @example
 * import { handleBrokenOutput } from '@sluice/terminal/broken-output';
 * handleBrokenOutput(process);
 */
export function handleBrokenOutput(
  program: Program,
  { goesOn = false }: BrokenOutputOptions = {},
): void {
  program.stderr.on('error', () => undefined);
  let isHandled = false;
  program.stdout.on('error', (error) => {
    if (isHandled) return;
    isHandled = true;
    const isReaderGone = error.code === 'EPIPE';
    if (!isReaderGone) {
      program.stderr.write(`error: the output can't be written: ${error.message}\n`);
      program.once('exit', () => {
        program.exitCode = 1;
      });
    }
    if (!goesOn) setTimeout(() => program.exit(isReaderGone ? 0 : 1), graceMs).unref();
  });
}
