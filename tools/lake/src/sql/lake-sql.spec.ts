import { DuckDBInstance } from '@duckdb/node-api';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { completeLine } from './complete-line';
import { LakeError, openLake } from './lake';
import { lakeUnderTest, writtenBy } from './lake-under-test';
import { parseOptions } from './options';
import { runShell } from './run-shell';
import { tableWriter, writeCsv, writeJson, writeNeutralisedCsv } from './write-result';

const writeTable = tableWriter();

const { lake, dataDir } = lakeUnderTest();
const signal = new AbortController().signal;

async function written(write: typeof writeCsv, sql: string): Promise<string> {
  let text = '';
  await lake.query(sql, signal, (result) =>
    write(result, (piece) => {
      text += piece;
      return Promise.resolve();
    }),
  );
  return text;
}

const values = `SELECT 1::BIGINT AS n, 9007199254740993 AS big, 'a,"b"' AS t, '' AS blank, NULL AS nothing, 1.50::DECIMAL(4, 2) AS exact,
  2::DOUBLE AS d, [1, NULL] AS list, {'x': TIMESTAMP '2026-01-02 03:04:05'} AS entry, MAP {'k': true} AS flags`;

test('JSON holds every value, integers beyond 2^53 as texts', async () => {
  expect(JSON.parse(await written(writeJson, values))).toEqual([
    {
      n: 1,
      big: '9007199254740993',
      t: 'a,"b"',
      blank: '',
      nothing: null,
      exact: '1.50',
      d: 2,
      list: [1, null],
      entry: { x: '2026-01-02T03:04:05.000Z' },
      flags: { k: true },
    },
  ]);
  expect(JSON.parse(await written(writeJson, 'SELECT 1 AS x WHERE false'))).toEqual([]);
});

test('CSV is exact, or for spreadsheets without a text that they take for a formula', async () => {
  const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1', '=a,"b"', 'a=1', ''];
  const query = `SELECT unnest([${texts.map((text) => `'${text}'`).join(', ')}]) AS t,
    -1 AS n, -1.5::DECIMAL(4, 2) AS d, NULL AS nothing`;
  const csv = (fields: readonly string[]): string =>
    ['t,n,d,nothing', ...fields.map((field) => `${field},-1,-1.50,`), ''].join('\r\n');
  expect(await written(writeCsv, query)).toBe(
    csv(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1', '"=a,""b"""', 'a=1', '""']),
  );
  expect(await written(writeNeutralisedCsv, query)).toBe(
    csv(["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'＝1", '"\'=a,""b"""', 'a=1', '""']),
  );
});

test('CSV tells the empty text from null', async () => {
  expect(await written(writeCsv, values)).toBe(
    'n,big,t,blank,nothing,exact,d,list,entry,flags\r\n' +
      '1,9007199254740993,"a,""b""","",,1.50,2.0,"[1, null]",{x=2026-01-02 03:04:05.000},{k=true}\r\n',
  );
});

test('a table has a rule below the names, and none between rows', async () => {
  expect(
    await written(writeTable, "SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c')) AS v(n, t)"),
  ).toBe(
    [
      '┌───┬───┐',
      '│ n │ t │',
      '├───┼───┤',
      '│ 1 │ a │',
      '│ 2 │ b │',
      '│ 3 │ c │',
      '└───┴───┘',
      '3 rows',
      '',
    ].join('\n'),
  );
});

test('a table shows the first rows, and nothing that a terminal would obey', async () => {
  const table = await written(
    writeTable,
    "SELECT chr(27) || '[31m' || chr(10) || repeat('x', 200) AS name",
  );
  expect(table).toContain('\\u001b[31m\\nxxx');
  expect(table).toContain('x… │');
  expect(table).toContain('1 row\n');
  expect(await written(writeTable, 'SELECT range FROM range(1200)')).toContain(
    'The first 1,000 of 1,200 rows',
  );
});

test('a query sees tables, views and dropped folders', async () => {
  expect(
    await written(
      writeCsv,
      'SELECT o.id, r.name, r.dt FROM "order" o JOIN order_raw r ON o.id = r.id ORDER BY 1',
    ),
  ).toBe('id,name,dt\r\n0,n0,2026-01-02\r\n1,,2026-01-02\r\n2,n2,2026-01-02\r\n');
  expect(await written(writeCsv, 'SELECT * FROM gauge;')).toBe('place,speed\r\nx,3\r\n');
  expect(await lake.tables()).toEqual([
    { name: 'gauge', kind: 'folder' },
    { name: 'order', kind: 'view' },
    { name: 'order_raw', kind: 'table' },
  ]);
});

test('Parquet holds the rows', async () => {
  const rows = await lake.parquet('SELECT id FROM "order"', signal, async (file, count) => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(`SELECT count(*)::INT AS n FROM '${file}'`);
    const found = reader.getRowObjectsJson();
    connection.closeSync();
    instance.closeSync();
    return { count, found };
  });
  expect(rows).toEqual({ count: 3, found: [{ n: 3 }] });
});

test.each([
  ['', /the query is empty/],
  ['select * from nothing', /nothing does not exist/],
  ["select * from read_text('/etc/passwd')", /disabled/],
  ["copy (select 1) to '/tmp/sluice-x'", /disabled/],
  ['drop view "order"', /only queries/],
  ['select 1; select 2', /one statement/],
])('%s is refused with a sentence', async (sql, message) => {
  const refused = lake.query(sql, signal, () => Promise.resolve());
  await expect(refused).rejects.toThrow(LakeError);
  await expect(refused).rejects.toThrow(message);
  expect(existsSync('/tmp/sluice-x')).toBe(false);
});

test('a query can be interrupted', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000) b';
  await expect(
    lake.query(endless, controller.signal, (result) => result.fetchChunk()),
  ).rejects.toThrow(LakeError);
});

test('a folder without a lake is refused with the next step', () => {
  expect(() => openLake('/nowhere', '/nowhere')).toThrow(
    'there is no lake in /nowhere; run npm start -- --data-dir /nowhere first, or name another with --data-dir',
  );
});

test('the shell answers queries over several lines, and its commands', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  input.end(
    '.tables\n.schema order\nselect id\nfrom "order" where id = 2;\nselect nonsense;\n.what\n.help\n.quit\nselect 99;\n',
  );
  await runShell({ lake, dataDir, input, output });
  const text = writtenBy(output);
  expect(text).toMatch(/order_raw +table\n/);
  expect(text).toMatch(/id +│ BIGINT/);
  expect(text).toMatch(/│ 2 +│[^]*1 row/);
  expect(text).toContain('error: Binder Error');
  expect(text).toContain('There is no .what;');
  expect(text).toContain('Ctrl-D');
  expect(text).not.toContain('99');
});

test.each<[string, readonly string[], string]>([
  ['.sc', ['.schema'], '.sc'],
  ['select * from order', ['order', 'order_raw'], 'order'],
  ['SELECT * FROM order_raw JOIN ga', ['gauge'], 'ga'],
  ['.schema g', ['gauge'], 'g'],
  ['sel', ['select'], 'sel'],
  ['select order_raw.n', ['name'], 'n'],
  ['select r.n from order_raw as r where r.i', ['id'], 'i'],
  ['select * from order_raw where na', ['name'], 'na'],
  ['select zzz', [], 'zzz'],
])('"%s" may go on with %j', (line, words, start) => {
  const vocabulary = {
    tables: ['gauge', 'order', 'order_raw'],
    columns: new Map([
      ['order_raw', ['id', 'name', 'dt']],
      ['order', ['id']],
    ]),
  };
  expect(completeLine(line, vocabulary)).toEqual([words, start]);
});

describe('parseOptions', () => {
  const parse = (...args: string[]) =>
    parseOptions({
      args,
      stdout: { write: () => undefined },
      stderr: { write: () => undefined },
    });
  test('knows what is not given', () => {
    expect(parse()).toEqual({
      sql: undefined,
      format: 'table',
      dataDir: '.sluice',
      output: undefined,
    });
    expect(parse('select 1', '--format', 'csv', '--output', 'x', '--data-dir', 'd')).toEqual({
      sql: 'select 1',
      format: 'csv',
      dataDir: 'd',
      output: 'x',
    });
  });
  test.each([[['--format', 'xml']], [['a', 'b']], [['--output', 'x']], [['--nothing']]])(
    'refuses %j',
    (args) => {
      expect(() => parse(...args)).toThrow('exit 1');
    },
  );
});

test('npm run sql is the built program', () => {
  const root = join(__dirname, '..', '..', '..', '..');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(scripts['sql']).toContain('run-built.cjs lake sql');
});
