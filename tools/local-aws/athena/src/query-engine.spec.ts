import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSnapshot } from './file-snapshot';
import { bucket, dt, fileTable, LakeUnderTest, symlinkTable } from './lake-under-test';
import { inSession, runQuery, type QueryOutcome } from './query-engine';
import { readResultPage, type ResultRow } from './result-file';

const lake = new LakeUnderTest();
let lastId = 0;

const run = (
  sql: string,
  parameters: readonly string[] = [],
  signal = new AbortController().signal,
): Promise<QueryOutcome> => {
  const output = { bucket, key: `query-results/q${++lastId}.csv` };
  return runQuery(
    { catalog: lake.catalog, objects: lake.objects, memoryMb: 256 },
    { id: `q${lastId}`, sql, parameters, output },
    signal,
  );
};

/** Returns the rows of the query that ran last. */
async function written(): Promise<readonly ResultRow[]> {
  const file = lake.path(`query-results/q${lastId}.csv`);
  const { rows } = await readResultPage(file, { fromByte: 0, maxRows: 1000 });
  return rows.slice(1);
}

async function rowsOf(sql: string, ...parameters: string[]): Promise<readonly ResultRow[]> {
  expect(await run(sql, parameters)).toMatchObject({ ok: true });
  return written();
}

beforeAll(async () => {
  await lake.putParquet(
    'event/compacted/dt=2026-01-01/a.parquet',
    "SELECT 1::BIGINT AS id, 'one' AS name, 1.5::DOUBLE AS half",
  );
  await lake.putParquet(
    'event/raw/dt=2026-01-01/hour=05/b.parquet',
    "SELECT 2::BIGINT AS id, 'two' AS name, 'unknown' AS beside",
  );
  await lake.putParquet(
    'event/compacted/dt=2026-01-02/c.parquet',
    "SELECT 3::INT AS id, 'three' AS name",
  );
  lake.symlink(
    'event',
    '2026-01-01',
    'event/compacted/dt=2026-01-01/a.parquet',
    'event/raw/dt=2026-01-01/hour=05/b.parquet',
  );
  lake.symlink('event', '2026-01-02', 'event/compacted/dt=2026-01-02/c.parquet');
  await lake.putParquet(
    'reference/player/player.parquet',
    "SELECT * FROM (VALUES (1, 'Ana'), (2, 'Bo')) AS v(id, called)",
  );
  lake.put('reference/Wind Gauge/readings.csv', 'place,speed\nx,3\n"y ""z""",4\n');
  lake.put('broken/symlinks/dt=2026-01-01/symlink.txt', `s3://${bucket}/broken/not.parquet\n`);
  lake.put('broken/not.parquet', 'no Parquet at all');
  lake.tables = [
    symlinkTable(
      'event_files',
      { id: 'bigint', name: 'string', half: 'double', hour: 'string' },
      'event',
    ),
    {
      database: 'db',
      name: 'event_latest',
      kind: 'view',
      columns: [],
      sql: 'SELECT max(id) AS id FROM "event"',
    },
    {
      database: 'db',
      name: 'event',
      kind: 'view',
      columns: [],
      sql: 'SELECT id, name, half, dt FROM "event_files"',
    },
    fileTable(
      'event_raw',
      { id: 'bigint' },
      { prefix: 'event/raw/', partitionKeys: [dt, { name: 'hour', type: 'string' }] },
    ),
    fileTable('player', { id: 'bigint', called: 'string' }),
    fileTable('nobody', { id: 'bigint', seen: 'timestamp', tags: 'array<string>' }),
    symlinkTable('broken', { id: 'bigint' }),
  ];
});

describe('a query sees', () => {
  test('the files that symlinks list, each under the day of its list, null where a file has no such column', async () => {
    expect(await rowsOf('SELECT id, name, half, hour, dt FROM event_files ORDER BY id')).toEqual([
      ['1', 'one', '1.5', null, '2026-01-01'],
      ['2', 'two', null, null, '2026-01-01'],
      ['3', 'three', null, null, '2026-01-02'],
    ]);
  });

  test('partition keys of plain folders', async () => {
    expect(await rowsOf('SELECT id, dt, hour FROM event_raw')).toEqual([['2', '2026-01-01', '05']]);
  });

  test('views on views, whatever the order they come in, and names with catalog and database', async () => {
    expect(await rowsOf('SELECT id FROM event_latest')).toEqual([['3']]);
    expect(await rowsOf('SELECT count(*) AS n FROM "awsdatacatalog"."db"."event"')).toEqual([
      ['3'],
    ]);
  });

  test('a table without files as one without rows', async () => {
    expect(await run('SELECT * FROM nobody')).toMatchObject({
      ok: true,
      result: {
        rows: 0,
        columns: [
          { name: 'id', type: 'bigint' },
          { name: 'seen', type: 'timestamp' },
          { name: 'tags', type: 'array' },
        ],
      },
    });
  });

  test('a folder that nobody defined as a crawler would name it', async () => {
    expect(await rowsOf('SELECT place, speed FROM wind_gauge ORDER BY speed')).toEqual([
      ['x', '3'],
      ['y "z"', '4'],
    ]);
  });

  test('no other folder of the lake beside those of its tables', async () => {
    const file = lake.path('event/compacted/dt=2026-01-01/a.parquet');
    expect(await run(`SELECT * FROM read_parquet('${file}')`)).toMatchObject({ ok: false });
  });
});

test('a condition on the day leaves the files of other days unread', async () => {
  const plan = (await rowsOf("EXPLAIN ANALYZE SELECT id FROM event WHERE dt = '2026-01-02'"))
    .flat()
    .join();
  expect(plan).toMatch(/Scanning Files: 1\/3/);
});

test.each<[string, readonly string[], readonly (string | null)[]]>([
  ['SELECT name FROM event WHERE id = ?', ['2'], ['two']],
  ['SELECT name FROM event WHERE name = ?', ["'one'"], ['one']],
  ["SELECT ? || '?' -- ?", ["'it''s'"], ["it's?"]],
  ['SELECT "name" FROM event WHERE dt >= ? AND half < ?', ["'2026-01-01'", '1e3'], ['one']],
  ['SELECT ? > 1.25', ['1.3'], ['true']],
  ["SELECT ? + INTERVAL '1' DAY", ["TIMESTAMP '2026-02-28 23:00:00'"], ['2026-03-01 23:00:00.000']],
  ['SELECT CAST(? AS varchar)', ["DATE '2026-02-28'"], ['2026-02-28']],
  ['SELECT ? IS NULL, ?', ['NULL', 'TRUE'], ['true', 'true']],
  ['SELECT ?', ["'; DROP TABLE x; --'"], ['; DROP TABLE x; --']],
])('binds the parameters of %s', async (sql, parameters, row) => {
  expect(await rowsOf(sql, ...parameters)).toEqual([row]);
});

test.each([
  ['SELECT ?', ['1) OR (1=1'], /is not a literal/],
  ['SELECT ?', ["'a' || 'b'"], /is not a literal/],
  ['SELECT ?', ["'a'; DROP"], /is not a literal/],
  ['SELECT ?', ['(SELECT 1)'], /is not a literal/],
  ['SELECT ?', ['99999999999999999999'], /does not fit in 64 bits/],
  ['SELECT ?', [], /1 parameters, and 0 values/],
  ['SELECT 1', ['1'], /0 parameters, and 1 values/],
])('refuses %s with the values %j', async (sql, parameters, message) => {
  expect(await run(sql, parameters)).toEqual({
    ok: false,
    message: expect.stringMatching(message),
  });
});

describe('a hostile statement', () => {
  const outside = '/tmp/sluice-outside';
  test.each([
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_blob('../../../../etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
    "SELECT * FROM read_parquet('s3://lake/x.parquet')",
    `COPY (SELECT 1) TO '${outside}'`,
    `EXPORT DATABASE '${outside}'`,
    `ATTACH '${outside}' AS x`,
    "ATTACH 'dbname=x' AS x (TYPE postgres)",
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    "SET allowed_directories = ['/']",
    'RESET lock_configuration',
    "PRAGMA temp_directory = '/tmp'",
    'CREATE TABLE t AS SELECT 1',
    'DROP VIEW event',
    'CREATE SECRET s (TYPE s3)',
    'CALL force_checkpoint()',
    'SELECT 1; SELECT 2',
    `SELECT * FROM query('COPY (SELECT 1) TO ''${outside}''')`,
    `UNLOAD (SELECT 1) TO 's3://lake/../../x/' WITH (format = 'PARQUET')`,
    `UNLOAD (SELECT 1) TO 's3://../x/' WITH (format = 'PARQUET')`,
    `UNLOAD (SELECT 1) TO 's3://nowhere/x/' WITH (format = 'PARQUET')`,
    `UNLOAD (SELECT 1) TO '${outside}/' WITH (format = 'PARQUET')`,
    `UNLOAD (SELECT 1) TO 's3://lake/x/' WITH (format = 'PARQUET', compression = 'ZSTD) --')`,
    `UNLOAD (SELECT 1) TO '${outside}' (FORMAT csv); COPY (SELECT 1) TO 's3://lake/x/' WITH (format = 'PARQUET')`,
    `UNLOAD (DROP VIEW event) TO 's3://lake/x/' WITH (format = 'PARQUET')`,
    `UNLOAD (SELECT 1 /*) TO 's3://lake/x/' WITH (format = 'PARQUET')`,
  ])('%s is refused', async (sql) => {
    expect(await run(sql)).toMatchObject({ ok: false });
    expect(existsSync(outside)).toBe(false);
    expect(existsSync(lake.path('x'))).toBe(false);
  });

  test('can not take more memory than it may have', async () => {
    const outcome = await run(
      'SELECT length(string_agg(range::VARCHAR, repeat(chr(65), 100000))) FROM range(100000)',
    );
    expect(outcome).toEqual({ ok: false, message: expect.stringMatching(/memory/i) });
  });

  const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000) b';

  test('ends when it is told to', async () => {
    const controller = new AbortController();
    const running = run(endless, [], controller.signal);
    setTimeout(() => controller.abort(), 100);
    expect(await running).toMatchObject({ ok: false });
  });

  test('ends when it was told to before it began', async () => {
    const controller = new AbortController();
    const snapshot = await FileSnapshot.make(lake.objects);
    const running = inSession(
      {
        ...{ catalog: lake.catalog, objects: lake.objects, memoryMb: 256, snapshot },
        statement: { sql: endless },
        signal: controller.signal,
      },
      async (session) => {
        controller.abort();
        const result = await session.query(endless, []);
        await result.fetchChunk();
      },
    );
    await expect(running).rejects.toThrow(/interrupt/i);
    await snapshot.remove();
  });
});

describe('UNLOAD', () => {
  const to = (folder: string): string =>
    `TO 's3://lake/results/${folder}/' WITH (format = 'PARQUET', compression = 'ZSTD')`;
  const filesIn = (folder: string): string[] =>
    existsSync(lake.path(`results/${folder}`)) ? readdirSync(lake.path(`results/${folder}`)) : [];

  test('writes the rows as Parquet, and the list of its files as result', async () => {
    expect(
      await run(
        `UNLOAD (SELECT e.id, p.called FROM event e JOIN player p ON e.id = p.id WHERE dt = ? -- ) ends\n) ${to('a')}`,
        ["'2026-01-01'"],
      ),
    ).toEqual({ ok: true, result: { columns: [], rows: 2, isUnload: true } });
    const [file = ''] = filesIn('a');
    expect(readFileSync(lake.path(`query-results/q${lastId}.csv`), 'utf8')).toBe(
      `s3://lake/results/a/${file}\n`,
    );
    lake.tables = [
      ...lake.tables,
      fileTable('a', { id: 'bigint', called: 'string' }, { prefix: 'results/a/' }),
    ];
    expect(await rowsOf('SELECT id, called FROM a ORDER BY id')).toEqual([
      ['1', 'Ana'],
      ['2', 'Bo'],
    ]);
  });

  test('writes no file where there is no row', async () => {
    expect(await run(`UNLOAD (SELECT id FROM nobody) ${to('empty')}`)).toMatchObject({
      ok: true,
      result: { rows: 0 },
    });
    expect(filesIn('empty')).toEqual([]);
  });

  test('refuses a folder that holds something', async () => {
    await run(`UNLOAD (SELECT 1 AS x) ${to('full')}`);
    expect(await run(`UNLOAD (SELECT 2 AS x) ${to('full')}`)).toEqual({
      ok: false,
      message: 'HIVE_PATH_ALREADY_EXISTS: s3://lake/results/full/ is not empty',
    });
    expect(filesIn('full')).toHaveLength(1);
  });
});

test('a file that is not Parquet is named by its address', async () => {
  expect(await run('SELECT * FROM broken')).toEqual({
    ok: false,
    message: expect.stringContaining(`s3://${bucket}/broken/not.parquet`),
  });
});

describe('broken files of reference data', () => {
  const folders = ['torn', 'bo', 'bytes', 'mixed'];
  let tables: typeof lake.tables;
  beforeAll(() => {
    ({ tables } = lake);
    lake.put('reference/torn/torn.parquet', 'no Parquet at all');
    lake.put('reference/bo/cut.json', '{"id":1}\n{"id":');
    lake.put('reference/bytes/bytes.csv', Buffer.from([0, 255, 254, 34, 97, 44, 10, 34, 98]));
    lake.put('reference/mixed/good.ndjson', '{"id":1}\n');
    lake.put('reference/mixed/bad.ndjson', '{"id":');
    lake.tables = [
      ...lake.tables,
      fileTable('torn', { id: 'bigint' }),
      { database: 'db', name: 'torn_ids', kind: 'view', columns: [], sql: 'SELECT id FROM torn' },
    ];
  });
  afterAll(() => {
    lake.tables = tables;
    for (const folder of folders) rmSync(lake.path(`reference/${folder}`), { recursive: true });
  });

  test.each([
    ['SELECT * FROM torn', 'torn', 'torn/torn.parquet'],
    ['SELECT max(id) FROM db.torn_ids', 'torn', 'torn/torn.parquet'],
    ['DESCRIBE BO', 'bo', 'bo/cut.json'],
    ['SELECT a FROM player JOIN bytes ON called = a', 'bytes', 'bytes/bytes.csv'],
    ['SELECT id FROM mixed', 'mixed', 'mixed/bad.ndjson'],
    [
      `UNLOAD (SELECT * FROM torn) TO 's3://lake/results/torn/' WITH (format = 'PARQUET')`,
      'torn',
      'torn/torn.parquet',
    ],
  ])('fail %s with a sentence that names them', async (sql, table, file) => {
    const outcome = await run(sql);
    expect(outcome).toEqual({
      ok: false,
      message: expect.stringContaining(`the table ${table} can't be read: `),
    });
    expect((outcome as { message: string }).message).toContain(`s3://lake/reference/${file}`);
    expect((outcome as { message: string }).message).not.toContain('\n');
  });

  test('fail no other query, not even those whose tables have their name in theirs', async () => {
    expect(await rowsOf('SELECT * FROM nobody')).toEqual([]);
    expect(
      await rowsOf(
        "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'p%' ORDER BY 1",
      ),
    ).toEqual([['player']]);
    expect(await run('SHOW TABLES')).toMatchObject({ ok: true });
  });
});

test('a listed file that is not there is named by its address', async () => {
  lake.symlink('broken', '2026-01-01', 'broken/gone.parquet');
  expect(await run('SELECT * FROM broken')).toEqual({
    ok: false,
    message: `s3://${bucket}/broken/gone.parquet does not exist`,
  });
});

test('a file that is swept once it is listed is found in the next listing', async () => {
  lake.symlink('broken', '2026-01-01', 'broken/gone.parquet');
  const running = run('SELECT id FROM broken');
  writeFileSync(
    lake.path('broken/symlinks/dt=2026-01-01/symlink.txt'),
    `s3://${bucket}/event/compacted/dt=2026-01-02/c.parquet\n`,
  );
  expect(await running).toMatchObject({ ok: true });
  expect(await written()).toEqual([['3']]);
});

test('nothing stays behind of a query', async () => {
  await run('SELECT * FROM event');
  await run('SELECT * FROM broken');
  expect(readdirSync(join(lake.objects, '.s3', 'queries'))).toEqual([]);
  rmSync(lake.path('broken'), { recursive: true });
});
