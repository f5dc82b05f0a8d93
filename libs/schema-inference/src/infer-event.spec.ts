import fc from 'fast-check';
import { codePoint } from '@sluice/event-schema/testing/code-point';
import {
  createInference,
  inferEvent,
  InferenceError,
  renderInferenceReport,
  type AskableType,
} from '.';

import { infer, inferTexts, refusalsOf, typesOf } from './inference-under-test';

describe('a type that is asked for', () => {
  const events = [
    ...Array.from({ length: 19 }, (_, n) => ({ id: `e${n}`, amount: n / 4 })),
    { id: 'e19', amount: 'about five' },
  ];
  test('is proposed where it holds nearly all values, with the line of the first other', () => {
    const { definition, report } = infer(events);
    expect(definition.schema.properties?.['amount']).toEqual({ type: ['string', 'number'] });
    expect(report.typeProposals).toEqual([
      { path: 'amount', type: 'double', fits: 19, values: 20, firstOther: 20 },
    ]);
    expect(renderInferenceReport(report)).toContain(
      'amount: 19 of 20 values are double, the first other is at line 20',
    );
  });

  test('is the column, with a warning about the events that fail', () => {
    const { definition, report } = infer(events, { types: { amount: 'double' } });
    expect(definition.schema.properties?.['amount']).toEqual({ type: 'number' });
    expect(report.typeProposals).toEqual([]);
    expect(report.warnings).toEqual([
      'amount: as asked for; 1 of 20 values is none, the first at line 20, and its event fails',
    ]);
  });

  test.each<[AskableType, unknown[], object, string]>([
    ['bigint', [1, 2.5], { type: 'integer' }, '1 of 2 values is none, the first at line 2'],
    ['double', [1, true, {}], { type: 'number' }, '2 of 3 values are none, the first at line 2'],
    ['boolean', [[], true, null], { type: ['boolean', 'null'] }, 'the first at line 1'],
    ['string', ['2026-01-31', '2026-02-01'], { type: 'string' }, 'as asked for'],
    [
      'decimal(5,2)',
      [1, -123.5, 0.125, '2', 9.99],
      { type: 'number', format: 'decimal', precision: 5, scale: 2 },
      '2 of 5 values are none',
    ],
  ])('%s of %j', (type, values, schema, reason) => {
    const { definition, report } = infer(
      values.map((value) => ({ value })),
      { types: { value: type } },
    );
    expect(definition.schema.properties?.['value']).toEqual(schema);
    expect(report.columns[0]?.reason).toContain(reason);
  });

  test.each<[string, unknown[], string | undefined]>([
    ['fee', [1.5, 20, 3.25], 'decimal(18,2)'],
    ['totalPrice', [0.0625, null], 'decimal(18,4)'],
    ['fee', [1, 2], undefined],
    ['fee', [1.5, 1e-7], undefined],
    ['fee', [1.23456], undefined],
    ['ratio', [1.5], undefined],
  ])('a decimal is proposed for amounts: %s of %j', (name, values, type) => {
    const { report, definition } = infer(values.map((value) => ({ [name]: value })));
    expect(report.typeProposals.map((proposal) => proposal.type)).toEqual(type ? [type] : []);
    expect(JSON.stringify(definition.schema)).not.toContain('decimal');
  });

  test.each<[Record<string, AskableType>, string]>([
    [{ amount: 'decimal(2,2)' }, 'one of its numbers has 1 digit before the point'],
    [{ amounts: 'double' }, '"amounts" can\'t be double: no column of the 20 events has this path'],
    [{ amount: 'boolean' }, '"amount" can\'t be boolean: none of its 20 values is one'],
  ])('%j is refused', (types, message) => {
    expect(() => infer(events, { types })).toThrow(message);
  });
});

describe('types', () => {
  test.each<[string, string[], string]>([
    ['integers', ['1', '-9223372036854775808'], 'bigint'],
    ['numbers with fractions', ['1.5', '2'], 'double'],
    ['integers written with a fraction', ['1.0', '2'], 'double'],
    ['exponents', ['1e3'], 'double'],
    ['text', ['"a"', '""'], 'string'],
    ['booleans', ['true', 'false'], 'boolean'],
    ['times in milliseconds', ['"2024-02-29T23:59:59.123Z"'], 'timestamp'],
    ['times in seconds', ['"2024-02-29T23:59:59Z"', '"0001-01-01T00:00:00Z"'], 'timestamp'],
    [
      'times of different precision',
      ['"2024-02-29T23:59:59Z"', '"2024-02-29T23:59:59.1Z"'],
      'string',
    ],
    ['times with an offset', ['"2024-02-29T23:59:59+01:00"'], 'string'],
    ['a leap second', ['"2016-12-31T23:59:60Z"'], 'string'],
    ['a day that is not in the calendar', ['"2023-02-29T00:00:00Z"'], 'string'],
    ['dates', ['"2024-02-29"', '"1900-02-28"'], 'date'],
    ['a date that is not in the calendar', ['"2024-02-29"', '"1900-02-29"'], 'string'],
    ['arrays of integers and nulls', ['[1,null]', '[]'], 'array<bigint>'],
    ['arrays of integers and fractions', ['[1,2.5]'], 'array<double>'],
    ['17 digits of a double', ['0.10000000000000001', '0.30000000000000004'], 'double'],
    ['arrays of text', ['["a"]'], 'array<string>'],
  ])('%s', (_, values, type) => {
    const texts = values.map((value, index) => `{"id":${index},"v":${value}}`);
    const inferred = inferTexts(texts);
    expect(typesOf(inferred)).toEqual({ id: 'bigint', v: type });
    expect(refusalsOf(inferred, texts)).toEqual([]);
  });

  test.each<[string, string[], RegExp]>([
    ['integers beyond 64 bits', ['9223372036854775808', '1'], /1 integers outside 64 bits/],
    ['numbers of more digits than a double', ['0.12345678901234567890', '1.5'], /more digits/],
    ['integers that a double would round', ['9007199254740993', '1.5'], /more digits/],
    ['integers that a double shows as others', ['36028797018963968', '1.5'], /more digits/],
    ['17 digits that are not a double’s own', ['0.12345678901234567', '2'], /more digits/],
    ['16 digits and a half', ['-9007199254740993.5', '1'], /more digits/],
    ['arrays of 17 digits', ['[1234567890123456.7,0.5]', '[1]'], /holds exactly/],
    ['small numbers of 17 digits', ['0.00000012345678901234567', '1'], /more digits/],
    ['numbers too big for a double', ['1e400'], /more digits/],
    ['numbers too small for a double', ['1e-400'], /more digits/],
    ['mixed types', ['1', '"x"', '"y"', 'null', '{}'], /1 object, 2 string, 1 number, 1 null/],
    ['always null', ['null', 'null'], /always null/],
    ['always an empty object', ['{}'], /always empty/],
    ['always an empty array', ['[]', '[ ]'], /always an empty array/],
    ['arrays of objects', ['[{"a":1}]', '[null]'], /arrays of objects/],
    ['arrays of mixed types', ['[1,"a"]', '[{}]'], /1 object, 1 string, 1 number/],
    ['arrays of huge integers', ['[99999999999999999999]'], /holds exactly/],
    ['half a surrogate pair', ['"\\ud800"', '"x"'], /surrogate/],
    ['arrays in arrays', ['[[1]]'], /arrays of arrays/],
  ])('%s become JSON text', (_, values, reason) => {
    const texts = values.map((value, index) => `{"id":${index},"v":${value}}`);
    const inferred = inferTexts(texts);
    const shape = inferred.report.columns.find(({ path }) => path === 'v');
    expect(shape).toMatchObject({ type: 'string', reason: expect.stringMatching(reason) });
    expect(JSON.stringify(inferred.definition.schema.properties?.['v'])).not.toContain('"string"}');
    expect(refusalsOf(inferred, texts)).toEqual([]);
  });

  test('says why a time without a zone is a text, and no time of the event', () => {
    const { report } = infer([
      { id: 1, at: '2026-01-31T12:00:00', seen: '2026-01-31T12:00:00' },
      { id: 2, at: '2026-01-31 12:00', seen: 'yesterday, some time' },
    ]);
    expect(report.time).toBeUndefined();
    expect(report.columns.map(({ path, reason }) => [path, reason])).toEqual(
      expect.arrayContaining([
        ['at', expect.stringMatching(/without a zone/)],
        ['seen', 'text'],
      ]),
    );
    expect(report.warnings).toEqual([expect.stringMatching(/^at: .*without a zone/)]);
  });

  test('requires what every event has, and allows null where it occurs', () => {
    const { definition } = infer([
      { id: 1, a: { b: 1, c: null }, d: null },
      { id: 2, a: { b: 2 } },
      { id: 3, a: null, d: { e: true } },
    ]);
    expect(definition.schema).toEqual({
      type: 'object',
      properties: {
        id: { type: 'integer' },
        a: {
          type: ['object', 'null'],
          properties: { b: { type: 'integer' }, c: {} },
          required: ['b'],
        },
        d: { type: ['object', 'null'], properties: { e: { type: 'boolean' } }, required: ['e'] },
      },
      required: ['id', 'a'],
    });
  });

  test('makes the members of objects that are sometimes empty optional', () => {
    const { definition } = infer([
      { id: 1, a: {} },
      { id: 2, a: { b: 1 } },
    ]);
    expect(definition.schema.properties?.['a']).toEqual({
      type: 'object',
      properties: { b: { type: 'integer' } },
    });
  });
});

describe('the key', () => {
  const events = Array.from({ length: 1_000 }, (_, index) => ({
    when: `2024-01-01T00:00:00.${String(index).padStart(3, '0')}Z`,
    kind: index % 3 ? 'open' : 'shut',
    title: `t${index}`,
    user: { id: index % 50 },
    ...(index !== 41 && { maybe: index }),
    order_id: `o-${index}`,
  }));

  test('is proposed among unique fields that are always there, by its name', () => {
    const { definition, report } = infer(events);
    expect(definition.key).toBe('order_id');
    expect(definition.time).toBe('when');
    expect(report.keyProposals.map(({ path }) => path)).toEqual(['order_id', 'title']);
    expect(report.enumProposals).toEqual([
      {
        path: 'kind',
        values: [
          { value: 'shut', count: 334 },
          { value: 'open', count: 666 },
        ],
      },
    ]);
  });

  test('is the id that Sluice gives where nothing else can be it', () => {
    const { definition } = infer([{ list: [{ a: 1 }] }]);
    expect(definition.key).toBe('event_id');
    expect(infer([{}]).definition.schema.properties).toEqual({});
  });

  test.each<[string, string, string, RegExp]>([
    [
      'nope',
      'unknown-field',
      'is in no event',
      /none of the 1000 events has it; every event has when, kind/,
    ],
    ['maybe', 'missing-values', 'is missing in some', /1 of 1000 events have no value.*line 42/],
    ['user', 'unfit-type', 'is an object', /object/],
  ])('%s is refused (%s) when it %s', (key, code, _, message) => {
    const refused = (): unknown => infer(events, { key });
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ code }) as Error);
  });

  test.each([
    ['of mixed types', ['{"k":1}', '{"k":"a"}'], /1 string, 1 number/],
    ['null in some events', ['{"k":1}', '{"k":null}'], /1 of 2 events.*line 2/],
    ['with fractions', ['{"k":1.5}'], /fraction/],
    ['at two places', ['{"k.k":1}', '{"k":{"k":1}}'], /different places/],
  ])('is refused when it is %s', (_, texts, message) => {
    const key = texts[0]?.includes('k.k') ? 'k.k' : 'k';
    expect(() => inferTexts(texts, { key })).toThrow(InferenceError);
    expect(() => inferTexts(texts, { key })).toThrow(message);
  });

  test('may have dots in its name, or stand inside objects', () => {
    expect(infer([{ 'a.b': 1 }], { key: 'a.b' }).definition.key).toBe('a.b');
    expect(infer([{ a: { b: 1 } }], { key: 'a.b' }).definition.key).toBe('a.b');
  });

  test('lines are those of the file where the caller gives them', () => {
    const inference = createInference({ name: 'sample', key: 'id' });
    inference.addText('{"id":1}', 10);
    inference.addText('{}', 20);
    expect(() => inference.finish()).toThrow(/line 20/);
  });

  test('that repeats as an identity is warned of', () => {
    const { report } = infer([{ id: 1 }, { id: 1 }, { id: 2 }], { key: 'id', identity: 'id' });
    expect(report.warnings).toEqual([expect.stringMatching(/2 distinct values in 3 events/)]);
  });
});

describe('texts that are no events', () => {
  test('are counted with their lines and passed over', () => {
    const inference = createInference({ name: 'sample' });
    expect(inference.addText('{"id":1')).toBe(false);
    expect(inference.addText('[1]')).toBe(false);
    expect(inference.addText('{"id":1}')).toBe(true);
    const { report } = inference.finish();
    expect(report.skipped).toMatchObject({ count: 2, first: [{ line: 1 }, { line: 2 }] });
    expect(renderInferenceReport(report)).toMatch(/2 texts skipped\n {2}line 1: not JSON/);
  });
  test('alone are refused', () => {
    expect(() => inferTexts([])).toThrow(/no events/);
    expect(() => inferTexts(['oops'])).toThrow(
      /none of the 1 texts is a JSON object \(line 1: not JSON/,
    );
  });
});

test('takes values as well as texts, from an async stream', async () => {
  async function* samples(): AsyncGenerator {
    yield { id: 1 };
    await Promise.resolve();
    yield '{"id": 9007199254740993 }';
  }
  const inferred = await inferEvent(samples(), { name: 'sample' });
  expect(inferred.report.events).toBe(2);
  expect(typesOf(inferred)).toEqual({ id: 'bigint' });
});

test('every event conforms to the schema inferred from it and its neighbours', () => {
  const value = fc.jsonValue({ maxDepth: 5, stringUnit: codePoint });
  const name = fc.oneof(
    fc.constantFrom('a', 'b', 'A', 'a.b', '1', '2', '', '__proto__'),
    fc.string(),
  );
  const member = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, value, tie('object'), fc.constant('2024-01-01')),
    object: fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  })).object;
  fc.assert(
    fc.property(fc.array(member, { minLength: 1, maxLength: 8 }), fc.nat(2), (events, indent) => {
      const texts = events.map((event) => JSON.stringify(event, null, indent));
      const inferred = inferTexts(texts);
      expect(inferred.report.events).toBe(events.length);
      expect(refusalsOf(inferred, texts)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('names of system columns are free where the table has none', () => {
  const rows = [{ event_id: 1, dt: '2026-01-31', unmapped: 'x' }];
  const { definition, report } = infer(rows, { systemColumns: false });
  expect(Object.keys(definition.schema.properties ?? {})).toEqual(['event_id', 'dt', 'unmapped']);
  expect(report.leftOut).toEqual([]);
  expect(infer(rows).report.leftOut).toHaveLength(1);
});
