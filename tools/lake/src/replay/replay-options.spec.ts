import { CommandLineExit } from '@sluice/terminal/command-line';
import { runInNewContext } from 'node:vm';
import { parseReplayCommand } from './replay-options';

/** Returns the help text. */
function help(): string {
  let text = '';
  const stdout = { write: (piece: string) => (text += piece) };
  expect(() => parseReplayCommand({ args: ['--help'], env: {}, stdout, stderr: stdout })).toThrow(
    CommandLineExit,
  );
  return text;
}

test('the help has a file for --transform that fixes an event, within 80 columns', () => {
  const lines = help().split('\n');
  const first = lines.findIndex((line) => line.includes('export default'));
  const body = lines.slice(first, lines.findIndex((line) => line === '  };') + 1).join('\n');
  const source = body.replace('export default', '').trim().replace(/;$/, '');
  const fix = runInNewContext(`(${source})`, { Buffer }) as (bytes: Uint8Array) => string;
  expect(fix(Buffer.from('{"id":"a","amount":"1.5"}'))).toBe('{"id":"a","amount":1.5}');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
