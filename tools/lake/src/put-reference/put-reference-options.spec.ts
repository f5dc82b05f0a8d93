import { CommanderError } from 'commander';
import { parsePutReferenceCommand } from './put-reference-options';

const parse = (line: string) => parsePutReferenceCommand(line.split(' '));

describe('the command line', () => {
  beforeEach(() => {
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation(() => true);
  });
  afterEach(() => jest.restoreAllMocks());

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
  ])('refuses %s', (line) => expect(() => parse(line)).toThrow(CommanderError));
});
