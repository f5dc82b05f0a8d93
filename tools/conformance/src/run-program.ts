import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { EngineMissing } from './engine';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @param timeoutMs milliseconds after which it is killed; its code is null then
 * @throws {@link EngineMissing} where there is no such program
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  {
    input = '',
    cwd,
    env = {},
    timeoutMs = 240_000,
  }: {
    readonly input?: string;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  } = {},
): Promise<Finished> {
  const child = spawn(program, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const [stdout, stderr, [code]] = await Promise.all([
      buffer(child.stdout),
      buffer(child.stderr),
      ended,
    ]);
    return { code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new EngineMissing(`${program} is not installed`);
    throw error;
  }
}

/** Runs an installation. @throws {@link EngineMissing} with the end of its output, where the program fails */
export async function install(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  } = {},
): Promise<Finished> {
  const finished = await runProgram(program, args, options);
  if (finished.code === 0) return finished;
  const said = `${finished.stdout}\n${finished.stderr}`.trim().split('\n').slice(-3).join(' ');
  throw new EngineMissing(
    `${[program.split('/').at(-1), ...args].join(' ').slice(0, 160)} ended with ${finished.code ?? 'a time-out'}: ${said.slice(0, 300)}`,
  );
}

/** Returns the lines of an engine's output that name the fault: the first ones of Java, the last ones of Python. */
export const errorOf = (stderr: string): string =>
  [
    ...(stderr.match(/^.*\b(?:Exception|Error): .*$/gm) ?? []).slice(0, 2),
    ...stderr.trim().split('\n').slice(-2),
  ]
    .join(' ')
    .slice(0, 1_500);
