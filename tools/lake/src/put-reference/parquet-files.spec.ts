import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineReference } from '@sluice/event-schema';
import { referenceKey } from '@sluice/lake-layout';
import { openParquet } from './parquet-source';
import { ProblemList } from './problem-list';
import type { ReferenceReport } from './reference-report';
import { sharedDataFolder } from '@sluice/parquet-reading/testing/shared-data';
import { problemsOf, ReferenceBench } from './testing';

const bench = new ReferenceBench();
afterAll(() => bench.close());

const parquetOf = async (query: string): Promise<Uint8Array> => {
  const path = bench.file('made.parquet', '');
  await bench.query(`copy (${query}) to '${path}' (format parquet)`);
  return readFileSync(path);
};

describe('a Parquet file', () => {
  test('gives its own types and values', async () => {
    const query = `select * from (values
      (1::bigint, 7::utinyint, 1.5::float, 0.1::double, true, 'é', date '2026-01-31',
       timestamp '2026-01-31 12:00:00.123456', 1.50::decimal(20, 2), uuid '00000000-0000-0000-0000-000000000001',
       [1, 2, null], {x: 1, 'y.z': 'a'}, map {'k': [1]}, time '12:00:00.5', null::integer),
      (-9223372036854775808, 0, '-0'::float, 1e300, null, '', date '1969-12-31',
       timestamp '1969-12-31 23:59:59.999999', -0.01, null, [], null, null, null, null)
    ) as t(id, small, f, d, b, s, day, "at", price, u, list, struct, map, clock, nothing)`;
    const result = await bench.put('kinds.parquet', await parquetOf(query), { key: 'id' });
    expect(result).toMatchObject({ outcome: 'put', report: { key: 'id', rows: 2 } });
    const { types, rows } = await bench.table();
    expect(types).toEqual({
      id: 'BIGINT',
      small: 'BIGINT',
      f: 'DOUBLE',
      d: 'DOUBLE',
      b: 'BOOLEAN',
      s: 'VARCHAR',
      day: 'DATE',
      at: 'TIMESTAMP',
      price: 'DECIMAL(20,2)',
      u: 'VARCHAR',
      list: 'BIGINT[]',
      struct_x: 'BIGINT',
      struct_y_z: 'VARCHAR',
      map: 'VARCHAR',
      clock: 'VARCHAR',
      nothing: 'BIGINT',
    });
    expect(rows).toEqual([
      {
        id: '1',
        small: '7',
        f: 1.5,
        d: 0.1,
        b: true,
        s: 'é',
        day: '2026-01-31',
        at: '2026-01-31 12:00:00.123456',
        price: '1.50',
        u: '00000000-0000-0000-0000-000000000001',
        list: ['1', '2', null],
        struct_x: '1',
        struct_y_z: 'a',
        map: '{"k":[1]}',
        clock: '12:00:00.500000',
        nothing: null,
      },
      {
        id: '-9223372036854775808',
        small: '0',
        f: -0,
        d: 1e300,
        b: null,
        s: '',
        day: '1969-12-31',
        at: '1969-12-31 23:59:59.999999',
        price: '-0.01',
        u: null,
        list: [],
        struct_x: null,
        struct_y_z: null,
        map: null,
        clock: null,
        nothing: null,
      },
    ]);
  });

  test('is the same table by its own types and by its definition, which takes each row through JSON text', async () => {
    const edges = `select * from (values
      (1::bigint, 0.1::double, 'é' || chr(10) || '"\\', date '0001-01-01', timestamp '0001-01-01 00:00:00',
       '-99999999999999999999999999999999999999'::decimal(38), 0.00::decimal(4, 2), [null, 1.5],
       [{a: 9007199254740993, b: [1.10::decimal(4, 2)]}], map {'k': '-0'::double}, time '23:59:59.999999', 4294967295::uinteger),
      (9223372036854775807, '-0'::double, '', date '9999-12-31', timestamp '9999-12-31 23:59:59.999999',
       '99999999999999999999999999999999999999', -99.99, [-9007199254740993.0, 5e-324], [], map {}, time '00:00:00', 0),
      (-9007199254740993, 1.7976931348623157e308, 'x', date '1969-12-31', timestamp '1969-12-31 23:59:59.999999',
       -1, 0.01, [], [null, {a: null, b: [null]}], null, null, null),
      (null, null, null, null, null, null, null, null, null, null, null, null)
    ) as t(id, d, s, day, "at", big, price, list, structs, map, clock, small)`;
    const bytes = await parquetOf(edges);
    const source = await openParquet({
      path: bench.file('opened.parquet', bytes),
      definition: undefined,
    });
    for await (const batch of source.rows({
      problems: new ProblemList(),
      onBytesRead: () => undefined,
    }))
      expect(batch).toHaveProperty('columns');
    const direct = await bench.put('edges.parquet', bytes);
    const { bytes: table } = await bench.store.get(referenceKey('things'));
    if (direct.outcome === 'refused') throw new Error(direct.problems.join());
    const { definition } = direct;
    await bench.put('by-definition.parquet', bytes, { definition, name: 'defined' });
    expect((await bench.store.get(referenceKey('defined'))).bytes).toEqual(table);
  });

  test('without rows gives an empty table', async () => {
    await bench.put('none.parquet', await parquetOf('select 1 as id, 2 as b where false'));
    expect(await bench.table()).toEqual({ types: { id: 'BIGINT', b: 'BIGINT' }, rows: [] });
  });

  test('fits a nested definition, be it nested or flat itself', async () => {
    const definition = defineReference({
      name: 'things',
      key: 'wyId',
      schema: {
        type: 'object',
        required: ['wyId', 'area'],
        properties: {
          wyId: { type: 'integer' },
          area: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
        },
      },
    });
    for (const query of [
      `select 7 as "wyId", {name: 'Oslo', more: 1} as area`,
      `select 'Oslo' as area_name, 1 as area_more, 7::smallint as wyid`,
    ]) {
      const result = await bench.put('fit.parquet', await parquetOf(query), { definition });
      expect(result).toMatchObject({ report: { leftOut: [{ rows: 1 }] } });
      expect((await bench.table()).rows).toEqual([{ wyid: '7', area_name: 'Oslo' }]);
    }
    const unfit = `select * from (values (1, 'a'), (null, 'b'), (1, 'c'), (4, null)) as t(wyid, area_name)`;
    expect(
      problemsOf(await bench.put('unfit.parquet', await parquetOf(unfit), { definition })),
    ).toEqual([
      'row 2, column "wyId": the value is missing',
      'row 3, column "wyId": the key "1" is also that of row 1',
      'row 4, column "area": the value is missing',
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['numbers that are none', `select 'nan'::double as d`, /^row 1, column "d": NaN is no number/],
    [
      'integers beyond 64 bits',
      `select 18446744073709551615::ubigint as n`,
      /^row 1, column "n": 18446744073709551615|^row 1, column "n": .*: the integer does not fit into 64 bits$/,
    ],
    [
      'bytes that are no text',
      `select '\\xFF'::blob as b`,
      /^row 1, column "b": the bytes are not UTF-8 text$/,
    ],
    [
      'years without a date',
      `select date '20000-01-01' as d`,
      /^row 1, column "d": "\+020000-01-01": the text is not a date/,
    ],
    [
      'nanoseconds',
      `select timestamp_ns '2026-01-31 12:00:00.123456789' as t`,
      /^row 1, column "t": .*the column keeps fewer digits of a second$/,
    ],
    [
      'intervals',
      `select interval 1 day as i`,
      /^row 1, column "i": an interval has no column type/,
    ],
    [
      'variants',
      `select 42::variant as v`,
      /column "v": VARIANT is not read; write it as JSON text$/,
    ],
    [
      'columns that clash',
      `select 1 as "a.b", {b: 2} as a`,
      /"a\.b" and "a\.b" both give the column "a_b"/,
    ],
  ])('is refused for %s', async (_, query, problem) => {
    expect(problemsOf(await bench.put('bad.parquet', await parquetOf(query)))[0]).toMatch(problem);
  });

  test.each<[string, string]>([
    ['empty', ''],
    ['another format', 'id,name\n1,x\n'.repeat(100)],
  ])('is refused where it is %s', async (_, content) => {
    expect(problemsOf(await bench.put('no.parquet', content))[0]).toMatch(/no\.parquet: /);
  });
});

const shared = sharedDataFolder('parquet') ?? '';

// The files lie beside the repository, for their licences; a clone without them skips these.
(shared ? describe : describe.skip)('Parquet files of many writers', () => {
  const files = shared ? readdirSync(shared) : [];

  test.each(files)('%s is put with the values that DuckDB reads', async (name) => {
    const bytes = readFileSync(join(shared, name));
    const result = await bench.put(name, bytes);
    if (result.outcome === 'refused') throw new Error(problemsOf(result).join('\n'));
    const { bytes: table } = await bench.store.get(referenceKey('things'));
    expect(await bench.rowsRead(table)).toBe(await bench.rowsRead(bytes));
    expect(await unlikeColumns(join(shared, name), table, result.report)).toEqual(
      // DuckDB makes members of an object of a map's integers; here it is a list of keys and values.
      name === 'nested_maps.snappy.parquet' ? ['a'] : [],
    );
  });
});

const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Returns the names of the columns in which DuckDB finds a value of the table that differs from the file. */
async function unlikeColumns(
  file: string,
  table: Uint8Array,
  { columns }: ReferenceReport,
): Promise<readonly string[]> {
  const names = (await bench.query(`select * from '${file}' limit 0`)).columnNames();
  const { types } = await bench.parquet(table);
  const value = ({ path, column, type }: ReferenceReport['columns'][number]): string => {
    const source = names.includes(path) ? sqlName(path) : path.split('.').map(sqlName).join('.');
    if (type.kind !== 'json') return `(${source})::${types[column] ?? ''}`;
    // DuckDB spells a time of UTC within JSON as SQL does.
    return `regexp_replace(json(to_json(${source}))::varchar, '(\\d{4}-\\d\\d-\\d\\d) ([\\d:.]+)\\+00', '\\1T\\2Z', 'g')`;
  };
  const select = (values: readonly string[], from: string): string =>
    `(select ${values.map((text, at) => `${text} as c${at}`).join(', ')} from '${from}')`;
  const unlike = columns.map((_, at) => `count(*) filter (a.c${at} is distinct from b.c${at})`);
  const given = select(columns.map(value), file);
  const ours = select(
    columns.map(({ column, type }) =>
      type.kind === 'json' ? `json(${sqlName(column)})::varchar` : sqlName(column),
    ),
    bench.file('compared.parquet', table),
  );
  const counts = await bench.query(
    `select ${unlike.join(', ')} from ${given} a positional join ${ours} b`,
  );
  const [row = []] = counts.getRows();
  return columns.flatMap(({ column }, at) => (row[at] === 0n ? [] : [column]));
}

const cases = sharedDataFolder('../cases') ?? '';

// They lie beside the repository too; the same forms are tested on files of our own in parquet-reading.
(cases ? describe : describe.skip)('Parquet files of the forms of old', () => {
  const put = (name: string) => bench.put(name, readFileSync(join(cases, name)));

  test('a list of two levels that is always there has its empty lists', async () => {
    await put('p01-required-list-2level.parquet');
    expect((await bench.table()).rows).toEqual([
      { id: '1', tags: ['x', 'y'] },
      { id: '2', tags: [] },
      { id: '3', tags: ['z'] },
    ]);
  });

  test('lists of lists of structs keep all their levels', async () => {
    await put('p05-avro-array-array-record.parquet');
    expect((await bench.table()).rows).toEqual([
      { id: '1', m: '[[{"k":1,"s":"a"}],[{"k":2,"s":"b"},{"k":3,"s":"c"}]]' },
      { id: '2', m: '[]' },
    ]);
  });

  test('columns of one name are refused with it', async () => {
    expect(problemsOf(await put('p11-dupcols.parquet'))).toEqual([
      expect.stringContaining('"v" and "v" both give the column "v"; rename one of them'),
    ]);
  });

  test('a footer that counts no rows is read by its row groups', async () => {
    await put('p14-numrows0.parquet');
    expect((await bench.table()).rows).toEqual([{ id: '1' }, { id: '2' }]);
  });
});
