import { gzipSync } from 'node:zlib';
import { defineReference } from '@sluice/event-schema';
import { referenceKey } from '@sluice/lake-layout';
import { problemsOf, ReferenceBench } from './testing';

const bench = new ReferenceBench();
afterAll(() => bench.close());

const tableOf = async (content: string | Uint8Array, file = 'things.csv') => {
  const result = await bench.put(file, content);
  expect(result).toMatchObject({ outcome: expect.stringMatching(/put|unchanged/) as string });
  return bench.table();
};

describe('a CSV file without a definition', () => {
  test.each<[string, string, string, unknown[]]>([
    ['integers', '1\n-2\n9223372036854775807', 'BIGINT', ['1', '-2', '9223372036854775807']],
    ['integers with empty cells', '1\n\n3', 'BIGINT', ['1', null, '3']],
    ['integers beyond 64 bits', '1\n9223372036854775809', 'VARCHAR', ['1', '9223372036854775809']],
    ['numbers', '1\n1.50\n-2e3', 'DOUBLE', [1, 1.5, -2000]],
    [
      'numbers of too many digits',
      '1.5\n0.12345678901234567890',
      'VARCHAR',
      ['1.5', '0.12345678901234567890'],
    ],
    [
      '17 digits that are not a double’s own',
      '1234567890123456.7\n0.1',
      'VARCHAR',
      ['1234567890123456.7', '0.1'],
    ],
    [
      'integers that a double would round',
      '9007199254740993\n0.1',
      'VARCHAR',
      ['9007199254740993', '0.1'],
    ],
    ['leading zeros', '7\n007', 'VARCHAR', ['7', '007']],
    ['a plus sign', '+7', 'VARCHAR', ['+7']],
    ['booleans', 'true\nFALSE\nTrue', 'BOOLEAN', [true, false, true]],
    ['zeros and ones', '0\n1', 'BIGINT', ['0', '1']],
    ['dates', '2026-01-31\n0001-01-01', 'DATE', ['2026-01-31', '0001-01-01']],
    ['days that are none', '2026-01-31\n2026-02-30', 'VARCHAR', ['2026-01-31', '2026-02-30']],
    [
      'times',
      '2026-01-31T12:00:00Z\n2026-01-31 12:00:00.5',
      'TIMESTAMP',
      ['2026-01-31 12:00:00', '2026-01-31 12:00:00.5'],
    ],
    [
      'times with microseconds',
      '2026-01-31 12:00:00.123456',
      'TIMESTAMP',
      ['2026-01-31 12:00:00.123456'],
    ],
    [
      'dates and times',
      '2026-01-31\n2026-01-31 12:00:00',
      'VARCHAR',
      ['2026-01-31', '2026-01-31 12:00:00'],
    ],
    ['texts', 'é😀\n"a ""b"""\n NaN ', 'VARCHAR', ['é😀', 'a "b"', ' NaN ']],
    ['mixed types', '1\ntrue\nx', 'VARCHAR', ['1', 'true', 'x']],
    ['nothing', '\n\n', 'VARCHAR', [null, null]],
  ])('reads %s', async (_, cells, type, values) => {
    const { types, rows } = await tableOf(`value\n${cells}${cells.endsWith('\n') ? '' : '\n'}`);
    expect(types).toEqual({ value: type });
    expect(rows.map(({ value }) => value)).toEqual(values);
  });

  test.each<[string, string | Uint8Array, string]>([
    ['a byte order mark', '\ufeffid,name\n1,"x, y"\n2,z\n', 'things.csv'],
    ['CRLF', 'id,name\r\n1,"x, y"\r\n2,z\r\n', 'things.csv'],
    ['a CR alone', 'id,name\r1,"x, y"\r2,z\r', 'things.csv'],
    ['mixed line ends', 'id,name\r\n1,"x, y"\n2,z', 'things.csv'],
    ['no line end at its end', 'id,name\n1,"x, y"\n2,z', 'things.csv'],
    ['blank lines', '\nid,name\n\n1,"x, y"\n\n2,z\n\n', 'things.csv'],
    ['semicolons', 'id;name\n1;x, y\n2;z\n', 'things.csv'],
    ['pipes', 'id|name\n1|x, y\n2|z\n', 'things.csv'],
    ['tabs', 'id\tname\n1\tx, y\n2\tz\n', 'things.csv'],
    ['tabs and its ending', 'id\tname\n1\tx, y\n2\tz\n', 'things.tsv'],
    ['gzip', gzipSync('id,name\n1,"x, y"\n2,z\n'), 'things.csv.gz'],
    ['spaces around the names', ' id , name \n1,"x, y"\n2,z\n', 'things.csv'],
  ])('reads a file with %s', async (_, content, file) => {
    expect(await tableOf(content, file)).toEqual({
      types: { id: 'BIGINT', name: 'VARCHAR' },
      rows: [
        { id: '1', name: 'x, y' },
        { id: '2', name: 'z' },
      ],
    });
  });

  test('keeps line ends within quotes', async () => {
    const { rows } = await tableOf('id,note\r\n1,"a\r\nb\nc"\r\n2,"\r"\r\n');
    expect(rows.map(({ note }) => note)).toEqual(['a\r\nb\nc', '\r']);
  });

  test('makes column names safe', async () => {
    const header = '"Straße; DROP TABLE ""x"" --",Event.Id,event_id_,dt,unmapped,"new\nline"';
    const { types } = await tableOf(`${header}\n1,2,3,4,5,6\n`);
    expect(Object.keys(types)).toEqual([
      'stra_e__drop_table__x____',
      'event_id',
      'event_id_',
      'dt',
      'unmapped',
      'new_line',
    ]);
  });

  test('reads 1,000 columns', async () => {
    const columns = Array.from({ length: 1_000 }, (_, index) => `c${index}`);
    const { types, rows } = await tableOf(
      `${columns.join()}\n${columns.map((__, i) => i).join()}\n`,
    );
    expect(Object.keys(types)).toEqual(columns);
    expect(rows[0]?.['c999']).toBe('999');
  });

  test('makes an empty table of a header', async () => {
    expect(await tableOf('id,name\n')).toEqual({
      types: { id: 'VARCHAR', name: 'VARCHAR' },
      rows: [],
    });
  });

  test('says why a column is text', async () => {
    const result = await bench.put('why.csv', 'a,b\n1,\n2,\nn/a,\n');
    expect(result).toMatchObject({
      report: {
        rows: 3,
        columns: [
          {
            column: 'a',
            nulls: 0,
            reason: 'text, since "n/a" in line 4 is no integer as the values before it',
          },
          { column: 'b', nulls: 3, reason: 'no value so far; kept as text' },
        ],
      },
    });
  });
});

describe('a CSV file is refused', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['a short row', 'a,b\n1,2\n3\n', /^line 3: it has 1 cells, and the header 2$/],
    ['a long row after quoted line ends', 'a,b\n1,"\n\r\n"\n3,4,5\n', /^line 5: it has 3 cells/],
    [
      'a quote that stays open',
      'a,b\n1,2\n3,"x\ny\nz\n',
      /, line 3: cell 2 of the row opens a quote/,
    ],
    [
      'text after a quote',
      'a,b\n1,"x"y\n',
      /, line 2: cell 2 of the row goes on after its closing/,
    ],
    ['a quote within text', 'a,b\n\n1,x"y"\n', /, line 3: cell 2 of the row has a quote but/],
    [
      'a quote that swallows the file',
      `a,b\n1,"${'x'.repeat(5 * 1024 * 1024)}`,
      /, line 2: a row is longer than 4 MiB; is a quote not closed\?$/,
    ],
    ['no header', '', /is empty: it has no header$/],
    ['blank lines only', '\n\r\n', /is empty: it has no header$/],
    ['a column without a name', 'a,,c\n', /line 1: column 2 has no name; give it one$/],
    [
      'two columns of a name',
      'Team.Id,x,team_id\n',
      /line 1: "Team\.Id" and "team_id" both give the column "team_id"/,
    ],
    ['columns without a letter of ours', '名,年\n', /"名" and "年" both give the column "_"/],
    ['__proto__', 'a,__proto__\n1,2\n', /column 2, "__proto__", can't be a column: .* not safe/],
    ['a very long name', `a,${'b'.repeat(256)}\n`, /Glue allows 255; rename it$/],
    [
      'too many columns',
      `${Array.from({ length: 1001 }, (_, i) => `c${i}`).join()}\n`,
      /has 1001 columns; a table may have 1000$/,
    ],
    ['UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), /is UTF-16 text; save it as UTF-8 \(/],
    [
      'UTF-16 without a mark',
      Buffer.from('a,b\n1,2\n', 'utf16le'),
      /is UTF-16 text; save it as UTF-8 \(iconv -f UTF-16LE/,
    ],
    ['a NUL', 'a,b\n1,\0\n', /it holds a NUL character, which no text has/],
    ['UTF-32', Buffer.from('a\0\0\0,\0\0\0', 'latin1'), /is UTF-32 text; save it as UTF-8/],
    ['Excel', 'PK\x03\x04…', /is a ZIP archive or an Excel workbook; unpack it, or save the sheet/],
    ['JSON', '[{"a":1,"b":2}]', /is JSON and no CSV; give it a name that ends in \.json/],
    ['NDJSON', '{"a":1,"b":2}\n{"a":2}\n', /is JSON and no CSV; .* in \.ndjson/],
    ['JSON over lines', '[\n{"a":1}\n]', /is JSON and no CSV/],
    [
      'Latin-1',
      Buffer.from('a,b\n1,2\n3,\xe9t\xe9\n', 'latin1'),
      /, line 3, column 3: it is not UTF-8/,
    ],
    [
      'gzip under another name',
      gzipSync('a\n1\n'),
      /is gzip data; give it a name that ends in \.gz$/,
    ],
  ])('for %s', async (_, content, problem) => {
    const before = bench.store.calls.filter(({ operation }) => operation === 'put').length;
    const problems = problemsOf(await bench.put('bad.csv', content));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(bench.store.calls.filter(({ operation }) => operation === 'put')).toHaveLength(before);
  });

  test('with the first 20 problems and the number of the others', async () => {
    const result = await bench.put('bad.csv', `a,b\n${'1\n'.repeat(57)}`);
    expect(result).toMatchObject({ outcome: 'refused', moreProblems: 37 });
    expect(problemsOf(result)).toHaveLength(20);
    expect(problemsOf(result)[19]).toMatch(/^line 21: /);
  });

  test('for keys that are missing or not unique', async () => {
    const content = 'Wy.Id,name\n1,a\n2,"b\nb"\n,c\n1,d\n';
    expect(problemsOf(await bench.put('keys.csv', content, { key: 'Wy.Id' }))).toEqual([
      'line 5, column "Wy.Id": the key is missing',
      'line 6, column "Wy.Id": the key "1" is also that of line 2',
    ]);
    expect(problemsOf(await bench.put('keys.csv', content, { key: 'nmae' }))[0]).toBe(
      'there is no "nmae" that could be the key; there is "Wy.Id", "name"',
    );
    expect(problemsOf(await bench.put('keys.csv', 'k\n1.5\n', { key: 'k' }))[0]).toMatch(
      /^"k" can't be the key, since it is of type double/,
    );
  });
});

describe('a CSV file with a definition', () => {
  const definition = defineReference({
    name: 'things',
    key: 'id',
    schema: {
      type: 'object',
      required: ['id', 'label', 'place'],
      properties: {
        id: { type: 'string', pattern: '^[0-9]+$' },
        label: { type: 'string' },
        size: { type: 'integer', minimum: 0 },
        price: { type: 'string', format: 'decimal', precision: 20, scale: 2 },
        seen: { type: ['string', 'null'], format: 'date-time' },
        open: { type: 'boolean' },
        tags: { type: 'array', items: { type: 'string' } },
        place: { type: 'object', required: ['city'], properties: { city: { type: 'string' } } },
      },
    },
  });

  test('fits its cells to the types, and finds columns by path or by name', async () => {
    const content =
      'place.city,id,label,SIZE,price,seen,open,tags,extra\n' +
      'Oslo,007,,3,123456789012345678.90,2026-01-31 12:00:00,TRUE,"[""a"",""b""]",x\n' +
      'Rome,8,x,,,,,,\n';
    const result = await bench.put('fit.csv', content, { definition });
    expect(result).toMatchObject({
      outcome: 'put',
      report: { key: 'id', rows: 2, leftOut: [{ path: 'extra', rows: 2 }] },
    });
    expect((await bench.table()).rows).toEqual([
      {
        id: '007',
        label: '',
        size: '3',
        price: '123456789012345678.90',
        seen: '2026-01-31 12:00:00',
        open: true,
        tags: ['a', 'b'],
        place_city: 'Oslo',
      },
      {
        id: '8',
        label: 'x',
        size: null,
        price: null,
        seen: null,
        open: null,
        tags: null,
        place_city: 'Rome',
      },
    ]);
  });

  test('gives the same table again from the Parquet that it became', async () => {
    const content =
      'place.city,id,size,price,seen,open,tags\n' +
      'Oslo,007,3,1.5,2026-01-31 12:00:00.007,TRUE,"[""a"",""b""]"\n' +
      'Rome,8,,,,,[]\n';
    const result = await bench.put(
      'again.csv',
      `label,${content}`.replaceAll('\n', '\nl,').slice(0, -2),
      {
        definition,
      },
    );
    expect(result.outcome).toBe('put');
    const { bytes } = await bench.store.get(referenceKey('things'));
    expect(await bench.put('again.parquet', bytes, { definition })).toMatchObject({
      outcome: 'unchanged',
    });
  });

  test('is refused where a value does not fit, with line, column and value', async () => {
    const content =
      'id,label,size,price,seen,open,tags,place_city\n' +
      'x1,l,,,,,,c\n' +
      '2,l,tall,,,,,c\n' +
      '3,l,-1,,,,,c\n' +
      '4,l,1.5,,,,,c\n' +
      '5,l,,1.234,,,,c\n' +
      '6,l,,,yesterday,,,c\n' +
      '7,l,,,2026-01-31 12:00:00.123456,,,c\n' +
      '8,l,,,,yes,,c\n' +
      '9,l,,,,,"[1]",c\n' +
      ',l,,,,,,c\n' +
      `11,l,"${'long '.repeat(50)}",,,,,c\n`;
    expect(problemsOf(await bench.put('unfit.csv', content, { definition }))).toEqual([
      'line 2, column "id": "x1": the text must match ^[0-9]+$',
      'line 3, column "size": "tall": a string where the schema wants an integer',
      'line 4, column "size": -1: the value must be at least 0',
      'line 5, column "size": 1.5: a number with a fraction where the schema wants an integer',
      'line 6, column "price": 1.234: a decimal(20,2) can\'t hold every digit of the number',
      'line 7, column "seen": "yesterday": the text is not a date-time such as 2026-01-31T12:00:00Z (RFC 3339)',
      'line 8, column "seen": "2026-01-31T12:00:00.123456Z": the column keeps fewer digits of a second',
      'line 9, column "open": "yes": a string where the schema wants a boolean',
      'line 10, column "tags.0": 1: a number where the schema wants a string',
      'line 11, column "id": "": the text must match ^[0-9]+$',
      `line 12, column "size": "${'long '.repeat(12)}…": a string where the schema wants an integer`,
    ]);
  });

  test.each([
    [
      'a column that the definition requires is not there',
      'id,label\n',
      undefined,
      /the header has no "place\.city", which the definition of things requires/,
    ],
    [
      'another key is asked for',
      'id,label,place_city\n',
      'label',
      /is defined with the key "id", not "label"/,
    ],
  ])('is refused where %s', async (_, content, key, problem) => {
    expect(problemsOf(await bench.put('no.csv', content, { definition, key }))[0]).toMatch(problem);
  });

  test('may be empty', async () => {
    for (const [name, content] of [
      ['empty.csv', ''],
      ['header.csv', 'id,label,place_city\n'],
      ['empty.ndjson', ''],
      ['empty.json', ' \n'],
      ['none.json', '[]'],
    ] as const) {
      await bench.put(name, content, { definition });
      const { rows, types } = await bench.table();
      expect([name, rows, Object.keys(types).length]).toEqual([name, [], 8]);
    }
  });
});
