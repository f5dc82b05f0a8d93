import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCsvFile } from './csv-file';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'csv-file-'))));
afterAll(() => rmSync(folder, { recursive: true }));

async function readCsv(text: string) {
  const path = join(folder, 'a.csv');
  writeFileSync(path, text);
  const { header, delimiter, rows } = await openCsvFile(path, undefined);
  const cells: (readonly string[])[] = [];
  for await (const row of rows()) cells.push(row.cells);
  return { header, delimiter, cells };
}

test('the first record that is not blank names the columns', async () => {
  expect(await readCsv('\n\n id ; name\n1;a\n\n2;b\n')).toEqual({
    header: ['id', 'name'],
    delimiter: ';',
    cells: [
      ['1', 'a'],
      ['2', 'b'],
    ],
  });
});

test('a blank line is a row only where rows have one cell', async () => {
  expect((await readCsv('id\n1\n\n2\n')).cells).toEqual([['1'], [''], ['2']]);
});

test('blank lines alone have neither a header nor rows', async () => {
  expect(await readCsv('\n\n')).toMatchObject({ header: [], cells: [] });
});

test.each(['{"id":1}\n{"id":2}\n', '[ {"id":1} ]', '{}'])('%j is no CSV', async (text) => {
  await expect(readCsv(text)).rejects.toThrow('is JSON and no CSV');
});
