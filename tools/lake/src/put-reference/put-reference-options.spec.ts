import { CommandLineExit } from '@sluice/terminal/command-line';
import { parsePutReferenceCommand } from './put-reference-options';

const sink = { write: () => true };

const parse = (line: string) =>
  parsePutReferenceCommand({ args: line.split(' '), stdout: sink, stderr: sink });

describe('the command line', () => {
  test.each([
    [',', ','],
    [';', ';'],
    ['|', '|'],
    ['tab', '\t'],
    ['\\t', '\t'],
  ])('takes the delimiter %s', (text, delimiter) => {
    expect(parse(`--name a --file b.csv --delimiter ${text}`)).toEqual({
      name: 'a',
      file: 'b.csv',
      delimiter,
      dryRun: false,
      writeDefinition: false,
    });
  });

  test.each([
    '--name a',
    '--file b.csv',
    '--name a --file b --delimiter ^',
    '--name a --file b more',
  ])('refuses %s', (line) => expect(() => parse(line)).toThrow(CommandLineExit));
});
