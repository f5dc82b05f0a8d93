import { Command } from 'commander';
import { CommandLineExit, readCommandLine, runCommand, UsageError } from './command-line';

function terminal(...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  return {
    args,
    written,
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  };
}

const command = (): Command => {
  const root = new Command('lake').option('--to <day>');
  root.command('list');
  return root;
};

test.each([
  ['asks for help', ['--help'], 0, /^Usage: lake/, /^$/],
  ['asks for help of a subcommand', ['list', '--help'], 0, /^Usage: lake list/, /^$/],
  ['has an unknown option', ['--from', 'x'], 1, /^$/, /unknown option '--from'/],
  ['has an argument too many', ['list', 'x'], 1, /^$/, /too many arguments/],
])('a command line that %s says so, and ends with a code', async (_, args, code, out, err) => {
  const { written, ...line } = terminal(...args);
  const found = await runCommand(line, [], () =>
    Promise.resolve(readCommandLine(command(), line, () => 7)),
  );
  expect(found).toBe(code);
  expect(written.stdout).toMatch(out);
  expect(written.stderr).toMatch(err);
});

test('paragraphs of a help fit a terminal, and what is to be pasted stays as it is', () => {
  const { written, ...line } = terminal('--help');
  const words = 'It stops by itself after some minutes, also where nothing is ever answered.';
  const example = `  lake list ${'--to 2026-01-31 '.repeat(6)}`;
  const wide = command().addHelpText(
    'after',
    `\n${words} ${words}\n${words}\n\nExamples:\n${example}`,
  );
  expect(() => readCommandLine(wide, line, () => 7)).toThrow(CommandLineExit);
  expect(written.stdout).toContain(`\nExamples:\n${example}\n`);
  const others = written.stdout.split('\n').filter((text) => text !== example);
  expect(others.filter((text) => text.length > 80)).toEqual([]);
  expect(others.join(' ')).toContain(`${words} ${words} ${words}`);
});

class OwnError extends Error {}

test.each([new UsageError('name a lake'), new OwnError('name a lake')])(
  'what a person can fix is a sentence, and 1',
  async (error) => {
    const { written, ...line } = terminal();
    expect(await runCommand(line, [OwnError], () => Promise.reject(error))).toBe(1);
    expect(written).toEqual({ stdout: '', stderr: 'error: name a lake\n' });
  },
);

test('an error fits a terminal, and is one line for a program that reads it', async () => {
  const message = `${'there is no such thing; '.repeat(6)}start again\n  at/${'a'.repeat(90)}`;
  const fail = () => Promise.reject(new UsageError(message));
  const pipe = terminal();
  await runCommand(pipe, [], fail);
  expect(pipe.written.stderr).toBe(`error: ${message}\n`);
  const { written, ...line } = terminal();
  await runCommand({ ...line, stderr: { ...line.stderr, isTTY: true } }, [], fail);
  const [kept, ...lines] = written.stderr.trimEnd().split('\n').reverse();
  expect(kept).toBe(`  at/${'a'.repeat(90)}`);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.filter((text) => text.length > 80)).toEqual([]);
});

test('a full disk is a sentence, whatever was being written', async () => {
  const { written, ...line } = terminal();
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
  });
  expect(await runCommand(line, [], () => Promise.reject(full))).toBe(1);
  expect(written.stderr).toBe('error: no space is left on the disk\n');
});

test('any other error goes on, and what the command answers is the code', async () => {
  const { written, ...line } = terminal();
  const fault = new TypeError('x is undefined');
  await expect(runCommand(line, [OwnError], () => Promise.reject(fault))).rejects.toBe(fault);
  expect(await runCommand(line, [], () => Promise.resolve(130))).toBe(130);
  await expect(runCommand(line, [], () => Promise.reject(new CommandLineExit(3)))).resolves.toBe(3);
  expect(written.stderr).toBe('');
});
