import { Type } from '@sinclair/typebox';
import { defineEvent, type JsonSchema } from '@sluice/event-schema';
import { compileFlattener } from './flattener';

const flattenerOf = (schema: JsonSchema) =>
  compileFlattener(
    defineEvent({
      name: 'thing',
      version: '1.0.0',
      key: 'id',
      schema: {
        type: 'object',
        properties: { id: { type: 'string', default: '' }, v: schema },
        required: ['id'],
      },
    }),
  );

/** Returns `ok`, or the code of the fault with its path below the value. */
const verdict = (schema: unknown, value: string): string => {
  const record = new TextEncoder().encode(`{"v":${value}}`);
  const origin = { shardId: 's', sequenceNumber: '1', arrivalMs: 0 };
  const result = flattenerOf(schema as JsonSchema).flatten(record, origin);
  if (result.status !== 'fault') return 'ok';
  const { code, path } = result.fault;
  return `${code} ${path.replace(/^\/v/, '')}`.trimEnd();
};

describe('rules of the schema', () => {
  test.each<[JsonSchema, string, string]>([
    [{ type: 'string', enum: ['a', 'é'] }, '"\\u00e9"', 'ok'],
    [{ type: 'string', enum: ['a', 'é'] }, '"b"', 'enum'],
    [{ const: 'a' }, '"b"', 'const'],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"😀"', 'minLength'],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"😀😀😀"', 'ok'],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"\\u00e9ééé"', 'maxLength'],
    [{ type: 'string', pattern: '^\\d+$' }, '"12"', 'ok'],
    [{ type: 'string', pattern: '^\\d+$' }, '"1x"', 'pattern'],
    [{ type: 'string', format: 'uuid' }, '"6F9619FF-8B86-D011-B42D-00CF4FC964FF"', 'ok'],
    [{ type: 'string', format: 'uuid' }, '"6F9619FF8B86D011B42D00CF4FC964FF"', 'format'],
    [{ type: 'integer', minimum: 3 }, '3.0', 'ok'],
    [{ type: 'integer', minimum: 3 }, '2', 'minimum'],
    [{ type: 'integer', maximum: 9007199254740992 }, '9007199254740993', 'maximum'],
    [{ type: 'integer', enum: [1, 1000] }, '1e3', 'ok'],
    [{ type: 'integer', enum: [1, 2] }, '3', 'enum'],
    [{ type: 'number', exclusiveMinimum: 0 }, '0.0', 'exclusiveMinimum'],
    [{ type: 'number', exclusiveMinimum: 0 }, '1e-300', 'ok'],
    [{ type: 'number', exclusiveMaximum: -1.5 }, '-1.50', 'exclusiveMaximum'],
    [{ type: 'number', multipleOf: 0.1 }, '0.3', 'ok'],
    [{ type: 'number', multipleOf: 0.1 }, '0.35', 'multipleOf'],
    [{ type: 'number', multipleOf: 5 }, '1e300', 'ok'],
    [{ type: 'boolean', const: true }, 'false', 'const'],
    [{ type: 'boolean', const: true }, 'true', 'ok'],
    [{ type: 'string', format: 'decimal', precision: 5, scale: 2 }, '"123.45"', 'ok'],
    [{ type: 'string', format: 'decimal', precision: 5, scale: 2 }, '"1234.5"', 'range'],
    [{ type: 'string', format: 'decimal', precision: 5, scale: 2 }, '"12,5"', 'format'],
    [{ type: 'string', format: 'decimal', precision: 5, scale: 2 }, '1.5', 'ok'],
    [{ type: 'string', format: 'decimal', minimum: 1 }, '"0.99"', 'minimum'],
    [{ type: 'number', format: 'decimal', precision: 5, scale: 2 }, '1.5e1', 'ok'],
    [{ type: 'number', format: 'decimal', precision: 5, scale: 2, minimum: 1 }, '0.99', 'minimum'],
    [{ type: 'string', format: 'decimal', enum: ['1.50'] }, '"1.5"', 'ok'],
    [{ type: 'string', format: 'decimal', enum: ['1.50'] }, '"1.51"', 'enum'],
    [{ type: 'array', items: { type: 'integer', minimum: 1 } }, '[1,0]', 'minimum /1'],
    [{ type: 'array', items: { type: 'integer' }, minItems: 1 }, '[]', 'minItems'],
    [{ type: 'array', items: { type: 'integer' }, maxItems: 1 }, '[1,2]', 'maxItems'],
    [{ type: 'array', items: { type: 'number' }, uniqueItems: true }, '[1,1.0]', 'uniqueItems'],
    [{ type: 'array', items: { type: ['string', 'null'] } }, '["a",null]', 'ok'],
    [{ type: ['string', 'null'], enum: ['a', null] }, 'null', 'ok'],
  ])('%j gives %s the verdict %s', (schema, value, expected) => {
    expect(verdict(schema, value)).toBe(expected);
  });

  const lines = Type.Array(
    Type.Object({
      sku: Type.String({ minLength: 1 }),
      count: Type.Optional(Type.Integer()),
      at: Type.Optional(Type.String({ format: 'date-time' })),
      more: Type.Optional(Type.Object({ 'a/b': Type.Optional(Type.Boolean()) })),
      size: Type.Optional(Type.Union([Type.Literal('S'), Type.Literal(4), Type.Null()])),
    }),
    { maxItems: 2, uniqueItems: true },
  );

  test.each([
    ['[]', 'ok'],
    ['[{"sku":"a","count":2.0,"new":[{}],"more":{"x":true},"size":4.0}]', 'ok'],
    ['{}', 'type'],
    ['[1]', 'type /0'],
    ['[{"sku":"a"},{}]', 'required /1/sku'],
    ['[{"s\\u006bu":""}]', 'minLength /0/sku'],
    ['[{"sku":"a","count":1.5}]', 'type /0/count'],
    ['[{"sku":"a","at":"yesterday"}]', 'format /0/at'],
    ['[{"sku":"a","at":"2026-01-01T00:00:00+02:00"}]', 'ok'],
    ['[{"sku":"a","more":{"a/b":1}}]', 'type /0/more/a~1b'],
    ['[{"sku":"a","size":"M"}]', 'anyOf /0/size'],
    ['[{"sku":"a","count":1},{"count":1,"sku":"a"}]', 'uniqueItems'],
    ['[{"sku":"a"},{"sku":"b"},{"sku":"c"}]', 'maxItems'],
  ])('look inside a column of JSON text: %s gives %s', (value, expected) => {
    expect(verdict(lines, value)).toBe(expected);
  });

  test.each<[JsonSchema, string, string]>([
    [{ type: ['integer', 'string'] }, '7', 'ok'],
    [{ type: ['integer', 'string'] }, 'true', 'type'],
    [{ type: ['integer', 'string'] }, 'null', 'null'],
    [{ enum: [1, 'a', true, { b: [1, 2] }] }, '{ "b":[1,2.0] }', 'ok'],
    [{ enum: [1, 'a', true, { b: [1, 2] }] }, 'false', 'enum'],
    [{ enum: [1, 'a', true, { b: [1, 2] }] }, '"b"', 'enum'],
    [{}, 'null', 'ok'],
  ])('hold for values of several types: %j, %s gives %s', (schema, value, expected) => {
    expect(verdict(schema, value)).toBe(expected);
  });

  test.each([
    { type: 'string', pattern: '^([a-z]+)+$' },
    {
      type: 'object',
      properties: {
        v: {
          type: 'array',
          items: { type: 'object', properties: { w: { type: 'string', pattern: '^(a|a)*$' } } },
        },
      },
    },
    { type: 'string', format: 'decimal', precision: 9, scale: 2, pattern: '^(\\d|[0-9])+$' },
  ])('answer at once for a pattern that explodes in other engines: %j', (schema) => {
    const text = JSON.stringify(`${'a'.repeat(100_000)}!`);
    const value = schema.type === 'object' ? `{"v":[{"w":${text}}]}` : text;
    expect(verdict(schema, value)).not.toBe('ok');
  });

  test('hold for defaults too, when the plan is made', () => {
    expect(() => flattenerOf({ type: 'integer', default: 1, minimum: 2 })).toThrow(
      /thing: the default of \/v is refused: .*at least 2/,
    );
    expect(() =>
      flattenerOf({ type: 'object', properties: { a: { type: 'string' } }, default: { b: 1 } }),
    ).toThrow(/members that the schema does not name/);
  });

  test('name neither the value nor its neighbours in a fault', () => {
    const flattener = flattenerOf({ type: 'string', enum: ['a'], maxLength: 3 });
    const record = new TextEncoder().encode('{"id":"private","v":"also private"}');
    const result = flattener.flatten(record, { shardId: '', sequenceNumber: '', arrivalMs: 0 });
    expect(result.status).toBe('fault');
    expect(JSON.stringify(result)).not.toContain('private');
  });
});

describe('the key', () => {
  const withKey = (key: string, identity?: string) =>
    compileFlattener(
      defineEvent({
        name: 'thing',
        version: '1.0.0',
        key,
        ...(identity !== undefined && { identity }),
        schema: {
          type: 'object',
          properties: {
            id: { type: 'string' },
            other: { type: 'string' },
            at: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
          },
          required: ['id', 'at', 'other'],
        },
      }),
    );
  const event = (id: string, other = '', inner = ''): Uint8Array =>
    new TextEncoder().encode(
      `{"other":"${other}","at":{"id":"${inner}"},"id":"${id}"}{"other":"","at":{"id":""},"id":""}`,
    );
  const origin = { shardId: 's', sequenceNumber: '1', arrivalMs: 0 };
  const long = 'x'.repeat(1_025);

  test.each([
    ['1,024 bytes', 'x'.repeat(1_024)],
    ['1,024 bytes of longer characters', 'é'.repeat(512)],
    ['1,024 bytes, written as escapes', '\\u0041'.repeat(1_024)],
    ['nothing', ''],
  ])('may be %s', (_, id) => {
    expect(withKey('id').flatten(event(id), origin).status).toBe('rows');
  });

  test.each([
    ['1,025 bytes', long],
    ['1,025 bytes in fewer characters', `x${'é'.repeat(512)}`],
  ])('is a fault with %s', (_, id) => {
    expect(withKey('id').flatten(event(id), origin)).toMatchObject({
      status: 'fault',
      fault: {
        code: 'maxLength',
        path: '/id',
        detail: expect.stringContaining('1024 bytes') as string,
      },
    });
  });

  test('is bounded where it is within an object, or the event_id of an identity', () => {
    expect(withKey('at.id').flatten(event('', '', long), origin)).toMatchObject({
      fault: { code: 'maxLength', path: '/at/id' },
    });
    expect(withKey('event_id', 'other').flatten(event('', long), origin)).toMatchObject({
      fault: { code: 'maxLength', path: '/other' },
    });
    expect(withKey('event_id').flatten(event(long, long, long), origin).status).toBe('rows');
  });
});

test('a value goes to the column that its schema names', () => {
  const flattener = compileFlattener(
    defineEvent({
      name: 'thing',
      version: '1.0.0',
      key: '名前',
      identity: '名前',
      schema: {
        type: 'object',
        properties: {
          名前: { type: 'string', column: 'name' },
          'a-b': { type: 'integer' },
          'a b': { type: 'integer', column: 'a_b_2' },
        },
        required: ['名前'],
      },
    }),
  );
  const record = new TextEncoder().encode('{"名前":"田中","a-b":1,"a b":2}');
  const result = flattener.flatten(record, { shardId: 's', sequenceNumber: '1', arrivalMs: 0 });
  expect(result).toMatchObject({ status: 'rows' });
  if (result.status !== 'rows') return;
  expect(JSON.parse(Buffer.from(result.bytes).toString())).toMatchObject({
    name: '田中',
    a_b: 1,
    a_b_2: 2,
    event_id: '田中',
  });
});
