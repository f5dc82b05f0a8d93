import { Type, type TSchema } from '@sinclair/typebox';
import {
  defineEvent,
  type EventDefinition,
  type EventType,
  type RecordOrigin,
} from '@sluice/event-schema';
import { compileFlattener, type FlattenResult } from './flattener';

const origin: RecordOrigin = {
  shardId: 'shardId-000000000000',
  sequenceNumber: '4954',
  arrivalMs: Date.UTC(2026, 0, 31, 12, 0, 0, 7),
};

const eventType = (definition: Partial<EventDefinition<TSchema>>): EventType =>
  defineEvent({ name: 'thing', version: '1.0.0', key: 'id', ...definition } as EventDefinition);

const thing = eventType({
  identity: 'id',
  schema: Type.Object({
    id: Type.String(),
    count: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    ratio: Type.Optional(Type.Number()),
    ok: Type.Optional(Type.Boolean()),
    at: Type.Optional(Type.String({ format: 'date-time' })),
    on: Type.Optional(Type.String({ format: 'date' })),
    price: Type.Optional(Type.String({ format: 'decimal', precision: 10, scale: 2 })),
    level: Type.Optional(Type.Integer({ default: 3 })),
    tags: Type.Optional(Type.Array(Type.String())),
    lines: Type.Optional(Type.Array(Type.Object({ sku: Type.String() }))),
    free: Type.Optional(Type.Unknown()),
    'odd.key': Type.Optional(Type.String()),
    a: Type.Optional(
      Type.Object({
        x: Type.Optional(Type.Integer()),
        b: Type.Optional(
          Type.Object({ y: Type.String(), z: Type.Optional(Type.String({ default: 'zed' })) }),
        ),
      }),
    ),
  }),
});

const flattener = compileFlattener(thing);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const flatten = (record: string | Uint8Array, type = flattener): FlattenResult =>
  type.flatten(typeof record === 'string' ? encode(record) : record, origin);

/** Returns the text of the rows; fails where there are none. */
const textOf = (result: FlattenResult): string => {
  if (result.status !== 'rows') throw new Error(JSON.stringify(result));
  return new TextDecoder().decode(result.bytes);
};
const rowsOf = (record: string | Uint8Array, type = flattener): Record<string, unknown>[] =>
  textOf(flatten(record, type))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const faultOf = (record: string | Uint8Array): { code: string; path: string } => {
  const result = flatten(record);
  if (result.status !== 'fault') throw new Error(`no fault: ${JSON.stringify(result)}`);
  return { code: result.fault.code, path: result.fault.path };
};

const system = { event_id: '1', ingested_at: '2026-01-31 12:00:00.007', level: 3 };

describe('a row', () => {
  test('has the final column names, the system columns, and no nulls', () => {
    expect(rowsOf('{"id":"1","count":null,"a":{"x":5,"b":{"y":"why"}},"odd.key":"k"}')).toEqual([
      { ...system, id: '1', a_x: 5, a_b_y: 'why', a_b_z: 'zed', odd_key: 'k' },
    ]);
  });

  test.each([
    ['9007199254740993', '9007199254740993'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['9223372036854775807', '9223372036854775807'],
    ['1.0', '1'],
    ['1e3', '1000'],
    ['-0', '0'],
    ['120E-1', '12'],
    ['0e999999999999', '0'],
  ])('gives the integer %s as %s', (written, text) => {
    expect(textOf(flatten(`{"id":"1","count":${written}}`))).toContain(`"count":${text},`);
  });

  test.each(['1.10', '1E5', '-0.0', '0.1000000000000000055511151231257827', '1e-400'])(
    'keeps the spelling of the double %s',
    (written) => {
      expect(textOf(flatten(`{"id":"1","ratio":${written}}`))).toContain(`"ratio":${written},`);
    },
  );

  test.each([
    ['0.12345678901234567'],
    ['1234567890123456.7'],
    ['9007199254740993'],
    ['36028797018963968'],
    ['-9007199254740993.5'],
    ['1.2345678901234567891e5'],
    ['1e-400'],
  ])('keeps the number %s in unmapped, as a double is another one', (written) => {
    const text = textOf(flatten(`{"id":"1","ratio":${written}}`));
    expect(text).toContain(`"unmapped":"{\\"ratio\\":${written}}"`);
    expect(text).toContain(`"ratio":${written},`);
  });

  test.each(['9007199254740992', '0.30000000000000004', '1e23', '123456.789012345', '-0'])(
    'has the number %s in its column alone, as a double is that very number',
    (written) => {
      expect(textOf(flatten(`{"id":"1","ratio":${written}}`))).not.toContain('unmapped');
    },
  );

  test.each([
    ['12345678.90', '12345678.90'],
    ['"12345678.90"', '12345678.90'],
    ['-1.2e3', '-1200'],
    ['"5E-2"', '0.05'],
    ['0', '0'],
  ])('gives the decimal %s as the text %s, never as a number', (written, text) => {
    expect(rowsOf(`{"id":"1","price":${written}}`)).toEqual([{ ...system, id: '1', price: text }]);
  });

  test('gives decimals in arrays as texts, with every digit', () => {
    const type = compileFlattener(
      eventType({
        schema: Type.Object({
          id: Type.String(),
          amounts: Type.Array(
            Type.Union([Type.Number({ format: 'decimal', precision: 38, scale: 18 }), Type.Null()]),
          ),
        }),
      }),
    );
    const written = '[1234567890.123456789012345678,"1.5",null,98765432109876.543,1e19]';
    expect(textOf(flatten(`{"id":"1","amounts":${written}}`, type))).toContain(
      '"amounts":["1234567890.123456789012345678","1.5",null,"98765432109876.543","10000000000000000000"]',
    );
  });

  test.each([
    ['cut \\ud83d', 'cut \ufffd'],
    ['\\uDE00 alone', '\ufffd alone'],
    ['\\ud83d\\ud83d\\ude00', '\ufffd😀'],
    ['\\ud83d\\u0041', '\ufffdA'],
    ['\\ud83d😀\\udbff', '\ufffd😀\ufffd'],
  ])('keeps the text %s in unmapped, as UTF-8 can hold only a part', (written, text) => {
    expect(rowsOf(`{"id":"1","a":{"b":{"y":"${written}"}},"tags":["x","${written}"]}`)).toEqual([
      {
        ...system,
        id: '1',
        a_b_y: text,
        a_b_z: 'zed',
        tags: ['x', text],
        unmapped: `{"a":{"b":{"y":"${written}"}},"tags":["x","${written}"]}`,
      },
    ]);
  });

  test.each(['\\ud83d\\ude00', '\\uD83D\\uDE00', '\\\\ud83d', '\\ud7ff\\ue000', '😀'])(
    'takes the text %s as it is',
    (written) => {
      expect(textOf(flatten(`{"id":"1","tags":["${written}"]}`))).toContain(
        `"tags":["${written}"],`,
      );
      expect(rowsOf(`{"id":"1","tags":["${written}"]}`)[0]).not.toHaveProperty('unmapped');
    },
  );

  test.each([
    ['2026-01-31T12:00:00Z', '2026-01-31 12:00:00.000'],
    ['2026-01-31T12:00:00.5Z', '2026-01-31 12:00:00.500'],
    ['2026-01-31t12:00:00.123000z', '2026-01-31 12:00:00.123'],
    ['2026-03-01T00:30:00+01:00', '2026-02-28 23:30:00.000'],
    ['2024-02-28T23:30:00.25-02:15', '2024-02-29 01:45:00.250'],
    ['2026-12-31T23:59:59-23:59', '2027-01-01 23:58:59.000'],
    ['2026-01-01T00:00:00+00:01', '2025-12-31 23:59:00.000'],
    ['2026-01-31\\u005412:00:00Z', '2026-01-31 12:00:00.000'],
  ])('gives the time %s in UTC', (written, text) => {
    expect(rowsOf(`{"id":"1","at":"${written}"}`)).toEqual([{ ...system, id: '1', at: text }]);
  });

  test.each([
    ['2026-01-31T12:00:00.1239Z', '2026-01-31 12:00:00.123'],
    ['2016-12-31T23:59:60Z', '2016-12-31 23:59:59.999'],
  ])('keeps the time %s in unmapped, as the column can hold only a part', (written, text) => {
    expect(rowsOf(`{"id":"1","at":"${written}"}`)).toEqual([
      { ...system, id: '1', at: text, unmapped: `{"at":"${written}"}` },
    ]);
  });

  test('holds the exact source text in a column of JSON text', () => {
    const written = '{ "2":1.10,\n\t"1":12345678901234567890, "1":"\\u00e9\\"", "__proto__":[ ] }';
    expect(rowsOf(`{"id":"1","free":${written},"lines":[ {"sku":"é"} ]}`)).toEqual([
      { ...system, id: '1', free: written, lines: '[ {"sku":"é"} ]' },
    ]);
  });

  test('nests what the schema does not name at its place in unmapped', () => {
    const written =
      '{"new":[1, 2],"id":"1","a":{"extra":1e2,"b":{"y":"","__proto__":{"q":null}},"last":""},"constructor":"c"}';
    expect(rowsOf(written)).toEqual([
      {
        ...system,
        id: '1',
        a_b_y: '',
        a_b_z: 'zed',
        unmapped:
          '{"new":[1, 2],"a":{"extra":1e2,"b":{"__proto__":{"q":null}},"last":""},"constructor":"c"}',
      },
    ]);
  });

  test('keeps an empty object that the schema would spread over columns', () => {
    expect(rowsOf('{"id":"1","a":{ }}')).toEqual([{ ...system, id: '1', unmapped: '{"a":{ }}' }]);
  });

  test('takes the last of several members of one name, with all that hangs on it', () => {
    expect(
      rowsOf(
        '{"id":"0","a":{"x":1,"gone":1,"b":{"y":"1"}},"id":"1","count":1.5,"count":7,"a":{"kept":2,"b":{"y":"2","y":"3"}}}',
      ),
    ).toEqual([
      { ...system, id: '1', count: 7, a_b_y: '3', a_b_z: 'zed', unmapped: '{"a":{"kept":2}}' },
    ]);
  });

  test('finds members whatever their order and spelling', () => {
    for (let round = 0; round < 3; round++) {
      expect(rowsOf('{"ratio":1,"i\\u0064":"1","count":2}')[0]).toMatchObject({
        ratio: 1,
        id: '1',
      });
      expect(rowsOf('{"count":2,"id":"1","ok":true,"ratio":1}')[0]).toMatchObject({ ok: true });
    }
  });
});

describe('a record', () => {
  test.each([
    ['a bulk array', '[{"id":"1"},{"id":"2"}]'],
    ['lines', '{"id":"1"}\n{"id":"2"}\n'],
    ['objects one after another', '{"id":"1"}{"id":"2"}'],
    ['a byte order mark', '\ufeff {"id":"1"} [ {"id":"2"} ] []'],
  ])('of %s becomes one text of rows', (_, record) => {
    expect(rowsOf(record).map(({ id }) => id)).toEqual(['1', '2']);
  });

  test.each(['[]', '[ ]\n[]', '\ufeff[]'])('of empty bulks is dropped: %j', (record) => {
    expect(flatten(record)).toEqual({ status: 'dropped' });
  });

  test.each(['', ' \n', '\ufeff'])('that is blank is a fault, not passed over: %j', (record) => {
    expect(flatten(record)).toMatchObject({ status: 'fault', fault: { code: 'blank', path: '' } });
    // An empty bulk before it changes nothing.
    expect(flatten('[]')).toEqual({ status: 'dropped' });
    expect(flatten(record)).toMatchObject({ status: 'fault', fault: { code: 'blank' } });
  });

  test('gives events without identity an id of their place in the stream', () => {
    const plain = compileFlattener(eventType({ schema: Type.Object({ id: Type.String() }) }));
    expect(rowsOf('[{"id":"a"},{"id":"b"}]', plain).map((row) => row['event_id'])).toEqual([
      'shardId-000000000000:4954:0',
      'shardId-000000000000:4954:1',
    ]);
    const aggregated = plain.flatten(encode('{"id":"a"}'), { ...origin, subSequenceNumber: 2 });
    expect(textOf(aggregated)).toContain('"event_id":"shardId-000000000000:4954.2:0"');
    expect(rowsOf('{"id":""}')[0]).toMatchObject({ event_id: 'shardId-000000000000:4954:0' });
  });

  test.each([
    ['in upper case', '"0190F5FE-7C00-7A00-8ABC-DEF012345678"'],
    ['in mixed case', '"0190f5fe-7C00-7a00-8aBC-dEf012345678"'],
    ['with letters as escapes', '"0190\\u0046\\u0035fe-7c00-7a00-8abc-def012345678"'],
    ['in lower case', '"0190f5fe-7c00-7a00-8abc-def012345678"'],
  ])('writes a UUID %s in the one spelling of its column, also as an identity', (_, text) => {
    const uuid = Type.String({ format: 'uuid' });
    const type = compileFlattener(
      eventType({
        identity: 'id',
        schema: Type.Object({
          id: uuid,
          others: Type.Array(uuid),
          name: Type.String(),
          free: Type.Unknown(),
        }),
      }),
    );
    const canonical = '0190f5fe-7c00-7a00-8abc-def012345678';
    const record = `{"id":${text},"others":[${text}],"name":${text},"free":${text}}`;
    expect(rowsOf(record, type)).toEqual([
      expect.objectContaining({
        id: canonical,
        others: [canonical],
        event_id: canonical,
        // What is no UUID by its definition stays as it is.
        name: JSON.parse(text) as string,
        free: text,
      }),
    ]);
  });

  test('never takes two identities, or two keys, for one', () => {
    const timed = compileFlattener(
      eventType({
        key: 'name',
        identity: 'at',
        schema: Type.Object({ at: Type.String({ format: 'date-time' }), name: Type.String() }),
      }),
    );
    const verdict = (at: string, name: string): string => {
      const result = flatten(`{"at":"${at}","name":"${name}"}`, timed);
      return result.status === 'fault' ? `${result.fault.code} ${result.fault.path}` : 'row';
    };
    expect(verdict('2026-01-31T12:00:00.123Z', 'a')).toBe('row');
    expect(verdict('2026-01-31T12:00:00.1234Z', 'a')).toBe('range /at');
    expect(verdict('2016-12-31T23:59:60Z', 'a')).toBe('range /at');
    expect(verdict('2026-01-31T12:00:00.123Z', 'a\\ud83d')).toBe('format /name');
  });

  test('takes an identity called event_id as the system column', () => {
    const own = compileFlattener(
      eventType({
        key: 'event_id',
        identity: 'event_id',
        schema: Type.Object({ event_id: Type.Integer() }),
      }),
    );
    expect(textOf(flatten('{"event_id":9007199254740993}', own))).toBe(
      '{"event_id":"9007199254740993","ingested_at":"2026-01-31 12:00:00.007"}\n',
    );
  });

  test.each([
    ['{"id":1}', 'type', '/id'],
    ['{}', 'required', '/id'],
    ['{"id":null}', 'null', '/id'],
    ['{"id":"1","count":1.5}', 'type', '/count'],
    ['{"id":"1","count":9223372036854775808}', 'range', '/count'],
    ['{"id":"1","count":1e400}', 'range', '/count'],
    ['{"id":"1","ratio":1e400}', 'range', '/ratio'],
    ['{"id":"1","at":"2026-02-29T00:00:00Z"}', 'format', '/at'],
    ['{"id":"1","at":"2026-01-31T12:00:00"}', 'format', '/at'],
    ['{"id":"1","at":"0000-01-01T00:00:00+00:01"}', 'range', '/at'],
    ['{"id":"1","on":"2026-13-01"}', 'format', '/on'],
    ['{"id":"x\\ud83d"}', 'format', '/id'],
    ['{"id":"\\udbff\\udbff"}', 'format', '/id'],
    ['{"id":"1","price":"1.234"}', 'range', '/price'],
    ['{"id":"1","tags":["a",7]}', 'type', '/tags/1'],
    ['{"id":"1","tags":["a",null]}', 'null', '/tags/1'],
    ['{"id":"1","a":{"b":{}}}', 'required', '/a/b/y'],
    ['{"id":"1","a":7}', 'type', '/a'],
    ['[{"id":"1"},{"id":2}]', 'type', '/1/id'],
    ['{"id":"1"}\n{"id":2}', 'type', '/1/id'],
    ['[{"id":"1"},7]', 'not-an-object', '/1'],
    ['7', 'not-an-object', ''],
    ['"text"', 'not-an-object', ''],
    ['[[]]', 'not-an-object', '/0'],
    ['{"id":"1"', 'malformed-json', '/id'],
    ['{"id":"1"}x', 'malformed-json', '/1'],
    ['[{"id":"1"},]', 'malformed-json', '/1'],
    ['[{"id":"1"}', 'malformed-json', '/1'],
    ['[', 'malformed-json', '/0'],
    ['{"id":"1\n"}', 'malformed-json', '/id'],
    ['{"id":7,}', 'malformed-json', '/id'],
  ])('at fault says why and where: %s', (record, code, path) => {
    expect(faultOf(record)).toEqual({ code, path });
  });

  test.each([
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0x80, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22],
    [0x22, 0xe2, 0x82, 0x22],
  ])('with bytes that are no UTF-8 is at fault', (...bytes) => {
    const record = new Uint8Array([...encode('{"id":'), ...bytes, ...encode('}')]);
    expect(faultOf(record)).toEqual({ code: 'invalid-utf8', path: '/id' });
  });

  test('may be nested to 100,000 levels, known or unknown', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(rowsOf(`{"id":"1","free":${deep},"more":${deep}}`)).toEqual([
      { ...system, id: '1', free: deep, unmapped: `{"more":${deep}}` },
    ]);
    expect(faultOf('{"x":'.repeat(100_000))).toMatchObject({ code: 'malformed-json' });
  });
});

describe('a row without system columns', () => {
  const own = compileFlattener(
    {
      ...thing,
      schema: {
        type: 'object',
        properties: { event_id: { type: 'integer' }, unmapped: { type: 'string' } },
      },
    },
    { systemColumns: false },
  );

  test.each([
    ['{"event_id":7,"unmapped":"u"}', { event_id: 7, unmapped: 'u', '': null }],
    ['{}', { '': null }],
    ['{"event_id":7,"event_id":8}', { event_id: 8, '': null }],
    ['{"x":{"y":"\\""}}', { '': '{"x":{"y":"\\""}}' }],
  ])('of %s has its own columns, and what is left under the empty name', (record, row) => {
    expect(rowsOf(record, own)).toEqual([row]);
  });
});
