import { DuckDBInstance } from '@duckdb/node-api';
import { quoteNames, quotingHint } from './quote-names';

const names = {
  tables: ['order', 'order_latest', 'odd', 'user'],
  columns: ['1st', '2fa_enabled', '1e5', '12', 'group', 'select', 'user'],
};

test.each([
  ['select count(*) from order', 'select count(*) from "order"'],
  ['SELECT * FROM Order JOIN order USING (id)', 'SELECT * FROM "Order" JOIN "order" USING (id)'],
  ['select 1 from odd order by 1', 'select 1 from odd order by 1'],
  ['select 1st, o.2fa_enabled from odd o', 'select "1st", o."2fa_enabled" from odd o'],
  ['select 1e5, 12, 0x1f, 1_000 from odd', 'select 1e5, 12, 0x1f, 1_000 from odd'],
  [`select 'from order', "1st" -- from order`, `select 'from order', "1st" -- from order`],
  ['select 1 /* from order */ from\n order', 'select 1 /* from order */ from\n "order"'],
  [`select 'it''s 1st' from odd`, `select 'it''s 1st' from odd`],
  ['from order', 'from "order"'],
])('%s', (sql, quoted) => {
  expect(quoteNames(sql, names)).toBe(quoted);
});

test('DuckDB takes what was quoted, and keeps for itself what is said to be its own', async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run('create table "order" (id integer, "1st" varchar, "group" varchar)');
  await connection.run(`insert into "order" values (1, 'a', 'b')`);
  const reader = await connection.runAndReadAll(quoteNames('select 1st from order', names));
  expect(reader.getRowObjects()).toEqual([{ '1st': 'a' }]);
  const keywords = await connection.runAndReadAll(
    `select keyword_name from duckdb_keywords() where keyword_category = 'reserved'`,
  );
  for (const [keyword] of keywords.getRows())
    expect(
      quoteNames(`select 1 from ${String(keyword)}`, { tables: [String(keyword)], columns: [] }),
    ).toBe(`select 1 from "${String(keyword)}"`);
  const hintFor = async (sql: string): Promise<string | undefined> => {
    const error = await connection.run(sql).catch((cause: unknown) => cause);
    return quotingHint((error as Error).message, sql, names);
  };
  const groupHint =
    '"group" is a column here and a word of SQL; write it in double quotes: "group"';
  expect(await hintFor('select group from "order"')).toBe(groupHint);
  expect(await hintFor('select id, group from "order"')).toBe(groupHint);
  expect(await hintFor('select id from "order" group by wher')).toBeUndefined();
  const functionWords = await connection.runAndReadAll(
    `select keyword_name from duckdb_keywords() where keyword_category = 'type_function'`,
  );
  const hintOf = (word: string): string | undefined =>
    quotingHint('Parser Error: …', `select max(id), ${word} from t`, {
      tables: ['t'],
      columns: [word],
    });
  for (const [word] of functionWords.getRows())
    expect(hintOf(String(word))).toContain(`write it in double quotes: "${String(word)}"`);
  expect(hintOf('day')).toBeUndefined();
  expect(await hintFor('select id frm "order" group by id')).toBeUndefined();
});
