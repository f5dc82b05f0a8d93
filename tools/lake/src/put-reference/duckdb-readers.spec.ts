// What DuckDB's own readers make of files that a reference table may come from: the reasons of docs/adr/reference-readers.md. Where one of
// these fails with a new release of DuckDB, a reader of ours may have become needless.
import { ReferenceBench } from './testing';

const bench = new ReferenceBench();
afterAll(() => bench.close());

async function rowsOf(read: string): Promise<unknown> {
  const reader = await bench.query(`select * from ${read}`);
  return reader.getRowsJson();
}

const found = (fileName: string, content: string, call: (path: string) => string) =>
  rowsOf(call(bench.file(fileName, content)));

const detected = (path: string): string =>
  `read_csv('${path}', header=true, sample_size=-1, null_padding=false)`;
const strict = (path: string): string =>
  `read_csv('${path}', header=true, auto_detect=false, delim=',', quote='"', escape='"', strict_mode=true,
    columns={'a': 'VARCHAR', 'b': 'VARCHAR'}, store_rejects=true)`;

describe('DuckDB reads CSV of which we keep every digit', () => {
  test.each([
    ['an integer beyond 64 bits is rounded', 'v\n1\n9223372036854775809\n', 9223372036854775808],
    ['so is one beside fractions', 'v\n0.1\n9007199254740993\n', 9007199254740992],
    [
      'and a number of more digits than a double has',
      'v\n1\n0.1234567890123456789\n',
      0.12345678901234568,
    ],
    [
      'days are guessed: the third of April, or the fourth of March',
      'v\n01/02/2026\n03/04/2026\n',
      '2026-04-03',
    ],
    ['a letter is a truth', 'v\nt\nf\n', false],
  ])('%s', async (_, content, second) => {
    expect(await found('a.csv', content, detected)).toEqual([expect.anything(), [second]]);
  });
});

describe('DuckDB takes CSV that we refuse', () => {
  test.each([
    ['a short row makes one column of all', 'a,b\n1,2\n3\n', detected, [['1,2'], ['3']]],
    ['a quote within text is part of it', 'a,b\n1,x"y"\n', strict, [['1', 'x"y"']]],
    ['a NUL too', 'a,b\n1,\0\n', strict, [['1', '\0']]],
    ['JSON is a header', '{"a":1,"b":2}\n{"a":2}\n', detected, [['{"a":2}']]],
  ])('%s', async (_, content, call, rows) => {
    expect(await found('b.csv', content, call)).toEqual(rows);
  });
});

test('its rejects count lines by rows, so that one after a line end in quotes is not found', async () => {
  await found('c.csv', 'a,b\n1,"\n\n"\n3,4,5\n', strict);
  const rejects = await bench.query('select line from reject_errors');
  // It is line 5 of the file.
  expect(rejects.getRowsJson()).toEqual([['3']]);
});

test('mixed line ends, which a text that two systems wrote has, are not read', async () => {
  await expect(found('d.csv', 'id,name\r\n1,"x, y"\n2,z', detected)).rejects.toThrow(
    'not possible to automatically detect',
  );
});

test('a value that does not fit a column is made to fit, and none is rejected', async () => {
  const csv = (path: string): string =>
    `read_csv('${path}', header=true, auto_detect=false, store_rejects=true, columns=
      {'n': 'BIGINT', 'price': 'DECIMAL(10,2)', 'at': 'TIMESTAMP_MS', 'ok': 'BOOLEAN'})`;
  const content = 'n,price,at,ok\n1.5,1.239,2026-01-31 12:00:00.123456,yes\n';
  expect(await found('e.csv', content, csv)).toEqual([
    ['2', '1.24', '2026-01-31 12:00:00.123', true],
  ]);
  const json = (path: string): string =>
    `read_json('${path}', columns={'n': 'BIGINT', 'price': 'DECIMAL(10,2)'})`;
  expect(await found('e.ndjson', '{"n":1.7,"price":1.239}\n', json)).toEqual([['2', '1.24']]);
});

test.each([
  ['an integer of 23 digits', '{"a":12345678901234567890123}\n', 1.2345678901234568e22],
  ['a number of 20 digits', '{"a":0.12345678901234567890}\n', 0.12345678901234568],
])('in JSON %s is rounded', async (_, content, value) => {
  expect(
    await found('f.ndjson', content, (path) => `read_json('${path}', sample_size=-1)`),
  ).toEqual([[value]]);
});
