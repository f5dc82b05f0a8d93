import { gzipSync } from 'node:zlib';
import { defineReference } from '@sluice/event-schema';
import { problemsOf, ReferenceBench } from './testing';

const bench = new ReferenceBench();
afterAll(() => bench.close());

const tableOf = async (content: string | Uint8Array, file: string) => {
  const result = await bench.put(file, content);
  expect(result).toMatchObject({ outcome: expect.stringMatching(/put|unchanged/) as string });
  return bench.table();
};

describe('a file of JSON objects', () => {
  test.each<[string, string | Uint8Array]>([
    ['lines.ndjson', '{"id":1,"at":{"city":"é"}}\n\n{"id":9007199254740993}\n'],
    [
      'lines.jsonl',
      '\ufeff{"id":1,"at":{"city":"\\u00e9"}}\r\n{"id":9007199254740993,"at":null}\r\n',
    ],
    ['returns.ndjson', '{"id":1,"at":{"city":"é"}}\r{"id":9007199254740993}\r'],
    ['array.json', '[\n {"id":1,"at":{"city":"é"}},\n {"id":9007199254740993}\n]\n'],
    ['several.json', '{"id":1,\n"at":{"city":"é"}} {"id":9007199254740993,"at":{}}'],
    ['lines.ndjson.gz', gzipSync('{"id":1,"at":{"city":"é"}}\n{"id":9007199254740993}\n')],
    ['array.json.gz', gzipSync('[{"id":1,"at":{"city":"é"}},{"id":9007199254740993}]')],
  ])('%s is read, flattened and inferred', async (file, content) => {
    expect(await tableOf(content, file)).toEqual({
      types: { id: 'BIGINT', at_city: 'VARCHAR' },
      rows: [
        { id: '1', at_city: 'é' },
        { id: '9007199254740993', at_city: null },
      ],
    });
  });

  test('has columns of every kind, and those that tables of events have of their own', async () => {
    const rows = [
      {
        event_id: 1,
        dt: '2026-01-31',
        ingested_at: '2026-01-31T12:00:00.5Z',
        unmapped: 1.5,
        on: true,
      },
      { event_id: 2, dt: '2026-02-01', unmapped: 2, tags: ['a', 'b'], any: { x: [] }, mixed: 1 },
      { event_id: 3, mixed: 'text' },
    ];
    const text = rows.map((row) => JSON.stringify(row).replace('.5Z', '.500Z')).join('\n');
    const { types, rows: found } = await tableOf(text, 'kinds.ndjson');
    expect(types).toEqual({
      event_id: 'BIGINT',
      dt: 'DATE',
      ingested_at: 'TIMESTAMP',
      unmapped: 'DOUBLE',
      on: 'BOOLEAN',
      tags: 'VARCHAR[]',
      any_x: 'VARCHAR',
      mixed: 'VARCHAR',
    });
    expect(found.map(({ mixed }) => mixed)).toEqual([null, '1', '"text"']);
    expect(found[0]).toMatchObject({
      ingested_at: '2026-01-31 12:00:00.5',
      unmapped: 1.5,
      on: true,
    });
    expect(found[1]).toMatchObject({ tags: ['a', 'b'], any_x: '[]' });
  });

  test.each<[string, string, RegExp]>([
    ['broken.ndjson', '{"a":1}\n  {"a":}\n', /^line 2: not JSON at line 2, column 8: /],
    ['broken.json', '[{"a":1},\n {"a":\n  nil}]', /^line 2: not JSON at line 3, column 3: /],
    ['cut.json', '[{"a":1},\n {"a"', /ends in the middle of its array, after element 1$/],
    ['after.json', '[{"a":1}] 5', /^line 1: "5" is not a JSON object$/],
    [
      'scalar.ndjson',
      '{"a":1}\n"\\u001b[31m"\n',
      /^line 2: "\\"\\\\u001b\[31m\\"" is not a JSON object$/,
    ],
    ['array.ndjson', '[{"a":1}]\n{"a":1}\n', /array\.ndjson, line 1: a JSON array begins there/],
    [
      'two.ndjson',
      '{"a":0}\n{"a":1}{"a":2}\n',
      /^line 2: it holds several JSON objects; put each on a line$/,
    ],
    [
      'nothing.ndjson',
      'x\n5\n',
      /nothing\.ndjson: none of the 2 texts is a JSON object \(line 1: not JSON/,
    ],
    ['empty.ndjson', '', /empty\.ndjson is empty$/],
    [
      'none.json',
      '[]',
      /has no rows, so that its columns are not known; give the table a definition$/,
    ],
    ['no-columns.ndjson', '{}\n', /a table has at least one column/],
    [
      'clash.ndjson',
      '{"Team.Id":1,"team_id":2}\n',
      /"team_id" can't be a column: "Team\.Id" has the column "team_id" that this would get too; rename it/,
    ],
    ['proto.ndjson', '{"a":1,"__proto__":{"b":1}}\n', /can't be a column: "__proto__" is not safe/],
    ['nameless.ndjson', '{"":1,"a":1}\n', /can't be a column: an empty name/],
  ])('%s is refused', async (file, content, problem) => {
    const problems = problemsOf(await bench.put(file, content));
    expect(problems[0]).toMatch(problem);
  });

  test('refuses what a column would hold only a part of, and says why', async () => {
    const definition = defineReference({
      name: 'things',
      schema: {
        type: 'object',
        properties: {
          n: { type: 'number' },
          s: { type: 'string' },
          at: { type: 'string', format: 'date-time' },
          inner: {
            type: ['object', 'null'],
            properties: { list: { type: 'array', items: { type: 'number' } } },
          },
        },
      },
    });
    const lines = [
      '{"n":0.30000000000000004,"s":"\\ud83d\\ude00","inner":{"list":[1,2.5]},"other":1}',
      '{"n":9007199254740993}',
      '{"s":"cut \\ud83d"}',
      '{"at":"2026-01-31T12:00:00.1234Z"}',
      '{"inner":{"list":[1,0.12345678901234567]}}',
    ];
    expect(problemsOf(await bench.put('parts.ndjson', lines.join('\n'), { definition }))).toEqual([
      'line 2, column "n": 9007199254740993: the number has more digits than a double keeps; make the column a decimal or a text',
      expect.stringMatching(
        /^line 3, column "s": .*half of a surrogate pair, which UTF-8 can't hold$/,
      ),
      'line 4, column "at": "2026-01-31T12:00:00.1234Z": the column keeps fewer digits of a second',
      expect.stringMatching(
        /^line 5, column "inner.list": .*: of an element, the number has more digits/,
      ),
    ]);
  });

  test('tells each row that does not fit, and each key that is no key', async () => {
    const definition = defineReference({
      name: 'things',
      key: 'id',
      schema: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'integer' },
          at: { type: 'object', properties: { 'x/y': { type: 'string', maxLength: 2 } } },
        },
      },
    });
    const lines = [
      '{"id":12345678901234567}',
      '{"id":1,"at":{"x/y":"long"}}',
      '{"id":2,"at":5}',
      '{"at":{}}',
      '{"id":null}',
      '{"id":12345678901234567.0}',
      '{"id":1.0}',
    ];
    expect(problemsOf(await bench.put('unfit.ndjson', lines.join('\n'), { definition }))).toEqual([
      'line 2, column "at.x/y": "long": the text must have at most 2 characters',
      'line 3, column "at": 5: a number where the schema wants an object',
      'line 4, column "id": the value is missing',
      'line 5, column "id": null: null is not allowed; the schema wants an integer',
      'line 6, column "id": the key "12345678901234567" is also that of line 1',
    ]);
  });

  test('leaves out, and counts, what its definition does not name', async () => {
    const definition = defineReference({
      name: 'things',
      schema: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          at: { type: 'object', properties: { x: { type: 'integer' } } },
        },
      },
    });
    const content = '{"id":1,"at":{"x":1,"y":2},"z":0}\n{"id":2,"z":0}\n{"id":3,"at":{}}\n';
    expect(await bench.put('more.ndjson', content, { definition })).toMatchObject({
      outcome: 'put',
      report: {
        rows: 3,
        leftOut: [
          { path: 'at.y', rows: 1 },
          { path: 'z', rows: 2 },
        ],
      },
    });
  });
});
