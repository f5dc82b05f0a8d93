import { chooseFormat, mediaTypes, rowsAnswer } from './choose-format';
import type { RowColumn } from './format';

const columns: readonly RowColumn[] = [
  { name: 'id', type: { kind: 'bigint' } },
  { name: 'text', type: { kind: 'string' } },
];
const rows = [{ cells: [1n, 'a,"b"'] }, { cells: [9_007_199_254_740_993n, null] }];

it.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['text/*', 'text/csv'],
  ['text/csv;q=0.5, application/x-ndjson', 'application/x-ndjson'],
  ['application/json;q=0, text/csv;q=0.1', 'text/csv'],
  ['image/png', undefined],
  ['text/csv;q=0', undefined],
])('Accept %j chooses %j', (accept, mediaType) => {
  expect(chooseFormat(accept)?.mediaType).toBe(mediaType);
});

it.each([
  [
    'application/json',
    '{"rows":[{"id":1,"text":"a,\\"b\\""},{"id":"9007199254740993","text":null}],"count":2,"cursor":null}',
  ],
  ['application/x-ndjson', '{"id":1,"text":"a,\\"b\\""}\n{"id":"9007199254740993","text":null}\n'],
  ['text/csv', 'id,text\r\n1,"a,""b"""\r\n9007199254740993,\r\n'],
])('%s', async (mediaType, text) => {
  const written = await chooseFormat(mediaType)?.write(rows, columns, 1_000);
  expect(written?.body({ cursor: null })).toBe(text);
});

it.each(mediaTypes)('%s takes as many rows as fit, and one at least', async (mediaType) => {
  const format = chooseFormat(mediaType);
  expect((await format?.write(rows, columns, 1))?.count).toBe(1);
  expect((await format?.write(rows, columns, 1_000))?.count).toBe(2);
  expect((await format?.write([], columns, 1))?.count).toBe(0);
});

it('CSV is exact by default, and on request nothing that a spreadsheet runs', async () => {
  const texts = ['=1+1', '+1', '-1', '@a', '\t=1', '\r=1', "'=1", 'a=1', '', '=a,"b"'];
  const given = texts.map((text, index) => ({ cells: [BigInt(-index), text] }));
  const lines = async (accept: string): Promise<readonly string[]> => {
    const written = await chooseFormat(accept)?.write(given, columns, 10_000);
    return String(written?.body({})).split('\r\n').slice(1, -1);
  };
  const quoted = (text: string): string =>
    text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const expected = (of: (text: string) => string): readonly string[] =>
    texts.map((text, index) => `${-index || 0},${quoted(of(text))}`);
  expect(await lines('text/csv')).toEqual(expected((text) => text));
  expect(await lines('text/csv;q=0.9; Formulas=neutralised, */*;q=0.1')).toEqual(
    expected((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)),
  );
});

it('names each format in the documents of APIs', () => {
  expect(Object.keys(rowsAnswer('rows').content)).toEqual(mediaTypes);
});
