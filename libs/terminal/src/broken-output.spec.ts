import { EventEmitter } from 'node:events';
import { handleBrokenOutput } from './broken-output';

const told: string[] = [];
const exits: number[] = [];

function program() {
  const stderr = Object.assign(new EventEmitter(), { write: (text: string) => told.push(text) });
  const events = new EventEmitter();
  return {
    stdout: new EventEmitter(),
    stderr,
    exitCode: 0,
    once: (event: 'exit', listener: () => void) => events.once(event, listener),
    exit: (code: number) => void exits.push(code),
    end: () => events.emit('exit'),
  };
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

beforeEach(() => {
  told.length = 0;
  exits.length = 0;
  jest.useFakeTimers();
});
afterEach(() => jest.useRealTimers());

test('a full disk is told once, and the exit code is 1, also of a command that ends by itself', () => {
  const command = program();
  handleBrokenOutput(command);
  command.stdout.emit('error', failure('ENOSPC'));
  command.stdout.emit('error', failure('ENOSPC'));
  expect(told).toEqual(["error: the output can't be written: ENOSPC: it failed\n"]);
  command.end();
  expect(command.exitCode).toBe(1);
  jest.runAllTimers();
  expect(exits).toEqual([1]);
});

test('a reader that has seen enough is no error', () => {
  const command = program();
  handleBrokenOutput(command);
  command.stdout.emit('error', failure('EPIPE'));
  command.end();
  jest.runAllTimers();
  expect([told, command.exitCode, exits]).toEqual([[], 0, [0]]);
});

test('a server goes on without its output, also without its errors', () => {
  const server = program();
  handleBrokenOutput(server, { goesOn: true });
  server.stderr.emit('error', failure('ENOSPC'));
  server.stdout.emit('error', failure('ENOSPC'));
  jest.runAllTimers();
  expect([told.length, exits]).toEqual([1, []]);
});
