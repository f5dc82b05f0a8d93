import { DuckDBInstance } from '@duckdb/node-api';
import { errorText } from './error-text';

const names = { tables: ['evt', 'evt_raw', 'my_files', 'product_event'], columns: ['id'] };

async function errorOf(sql: string): Promise<string> {
  const connection = await (await DuckDBInstance.create()).connect();
  for (const table of names.tables) await connection.run(`create table ${table} (id integer)`);
  const error = await connection.run(sql).catch((cause: unknown) => cause);
  return errorText((error as Error).message, sql, names);
}

test('a table that is not there is told with a similar one of the lake, or with all, but with none of the engine', async () => {
  expect(await errorOf('select * from nowhere')).toMatch(
    /Table with name nowhere does not exist!\nThe lake has evt, my_files, product_event\.\n\nLINE 1: /,
  );
  expect(await errorOf('select * from product_events')).toContain('Did you mean "product_event"?');
  expect(await errorOf('select ids from evt')).toContain('Candidate bindings: "id"');
});

test('many tables are not all named, and a stopped query is said to be stopped', () => {
  const tables = Array.from({ length: 30 }, (_, index) => `t${index}`);
  const message = 'Catalog Error: Table with name x does not exist!\nDid you mean "pg_am"?';
  expect(errorText(message, 'select 1', { tables, columns: [] })).toMatch(/t19,\s+and 10 more\.$/);
  expect(errorText(message, 'select 1', { tables: [], columns: [] })).toMatch(/has no table\.$/);
  expect(errorText('INTERRUPT Error: Interrupted!', '', names)).toBe('the query was stopped');
});
