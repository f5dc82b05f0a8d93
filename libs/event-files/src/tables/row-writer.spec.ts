import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { defineEvent, eventColumns } from '@sluice/event-schema';
import { csvTexts } from './csv-events';
import { parquetTexts } from './parquet-events';
import { clashOfPaths } from './row-writer';

const folder = mkdtempSync(join(tmpdir(), 'sluice-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [[['a'], ['b', 'c'], ['b', 'd']], undefined],
  [
    [['a'], ['b'], ['a']],
    [0, 2],
  ],
  [
    [['a'], ['b'], ['b', 'c']],
    [1, 2],
  ],
  [
    [['a', 'b', 'c'], ['a']],
    [0, 1],
  ],
  [[['a", "b'], ['a', 'b'], ['ab']], undefined],
])('of the paths %j, %j are one place', (paths, clash) => {
  expect(clashOfPaths(paths)).toEqual(clash);
});

describe('two columns of a file that are one of the event type', () => {
  const columns = eventColumns(
    defineEvent({
      name: 'order',
      version: '1.0.0',
      key: 'id',
      schema: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string' },
          at: { type: 'object', properties: { place: { type: 'string' } } },
        },
      },
    }),
  );

  test.each(['id,v,v', 'id,at,at_place', 'id,at.place,at_place'])(
    'are refused in CSV: %s',
    async (header) => {
      const file = join(folder, 'a.csv');
      writeFileSync(file, `${header}\n1,2,3\n`);
      const [, one, other] = header.split(',');
      await expect(csvTexts(file, columns, ',')).rejects.toThrow(
        `"${one}" and "${other}" are one column; rename one of them`,
      );
    },
  );

  test.each([
    [`'a' AS at, 'b' AS at_place`, '"at" and "at_place"'],
    [`{'place': 'a'} AS at, 'b' AS at_place`, '"at.place" and "at_place"'],
  ])('are refused in Parquet: %s', async (select, names) => {
    const file = join(folder, 'a.parquet');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`COPY (SELECT '1' AS id, ${select}) TO '${file}' (FORMAT parquet)`);
    connection.closeSync();
    await expect(parquetTexts(file, columns)).rejects.toThrow(`${names} are one column`);
  });
});
