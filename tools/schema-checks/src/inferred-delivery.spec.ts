import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { createInference } from '@sluice/schema-inference';
import { compileFlattener } from '@sluice/record-flattening';
import fc from 'fast-check';
import { publicDataFolder } from './public-data';
import { exactJson, reassembledEvent, withoutNulls } from './reassembled-event';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const origin = { shardId: 'shardId-0', sequenceNumber: '1', arrivalMs: 0 };

/** Infers an event type from texts, and expects that each of them becomes one row of it. */
function expectDelivered(
  texts: readonly string[],
  options: { compare?: boolean; maxColumns?: number } = {},
): void {
  const inference = createInference({
    name: 'sample',
    ...(options.maxColumns && { maxColumns: options.maxColumns }),
  });
  texts.forEach((text) => inference.addText(text));
  const { definition, report } = inference.finish();
  expect(report.events).toBe(texts.length);
  const flattener = compileFlattener(definition);
  for (const text of texts) {
    const result = flattener.flatten(encoder.encode(text), origin);
    if (result.status !== 'rows' || result.rows !== 1)
      throw new Error(`${JSON.stringify(result)} for ${text.slice(0, 500)}`);
    if (options.compare === false) continue;
    const row = exactJson(decoder.decode(result.bytes)) as Record<string, unknown>;
    const [found, sent] = [reassembledEvent(definition, row), withoutNulls(exactJson(text))];
    // Jest's matcher takes much longer to say that two values are equal.
    if (!isDeepStrictEqual(found, sent)) expect(found).toEqual(sent);
  }
}

describe('every event of a file is delivered with the definition inferred from it, every value kept', () => {
  test.each<[string, readonly unknown[]]>([
    [
      'mixed types of one field',
      [
        { id: 1, a: 1 },
        { id: 2, a: 'x' },
        { id: 3, a: [1] },
        { id: 4, a: { b: 1 } },
      ],
    ],
    [
      'objects that are sometimes empty or null',
      [{ id: 1, a: {} }, { id: 2, a: { b: 1 } }, { id: 3, a: null }, { id: 4 }],
    ],
    ['empty objects and arrays only', [{ id: 1, a: {}, b: [] }]],
    ['nothing at all', [{}]],
    ['collisions', [{ 'a.b': 1, a: { b: 2, B: 3 }, A: { b: 4 }, id: 1, ID: 2 }]],
    ['system columns', [{ event_id: 'x', ingested_at: 1, unmapped: { a: 1 } }]],
    [
      'names of every object',
      [{ constructor: 1, toString: 'x', hasOwnProperty: true, valueOf: null }, {}],
    ],
    [
      'data as names',
      [
        { id: 1, m: { 1: { a: 1 }, 2: { a: 2 } } },
        { id: 2, m: { 3: { a: 'x' } } },
      ],
    ],
    [
      'arrays of all sorts',
      [{ a: [1, null, 2], b: ['x', 1], c: [[1], []], d: [{}], e: [null], f: [1, 2.5], g: [true] }],
    ],
    ['text outside ASCII', [{ id: 1, é: 'é', 日本: '😀', '\u0000': '\u0000\u2028' }]],
    [
      'times and dates',
      [
        {
          t: '2024-02-29T00:00:00Z',
          u: '2024-02-29T00:00:00.123456Z',
          d: '0001-01-01',
          v: '2024-02-29T00:00:00.5Z',
        },
      ],
    ],
  ])('%s', (_, events) => {
    expectDelivered(events.map((event) => JSON.stringify(event)));
  });

  test.each<[string, readonly string[]]>([
    [
      'numbers at every limit',
      [
        '{"a":9223372036854775807,"b":9223372036854775808,"c":1e400,"d":-0,"e":1.0,"f":0.1234567890123456789,"g":9007199254740993}',
      ],
    ],
    ['integers and fractions beyond 2^53', ['{"a":9007199254740993}', '{"a":1.5}']],
    ['exponents', ['{"a":1e3}', '{"a":10}']],
    ['half a surrogate pair', ['{"id":1,"a":"\\ud800","\\ud800":1}']],
    ['white space', [' {\t"a" : 1 , "b" : [ 1 , 2 ] , "c" : { } }\n']],
    ['__proto__', ['{"id":1,"__proto__":{"a":1},"b":{"__proto__":1}}']],
    ['escaped names', ['{"id":1,"\\u0061":1,"b\\"\\\\":2}']],
  ])('%s', (_, texts) => {
    expectDelivered(texts);
  });

  test('names that an object has twice', () => {
    expectDelivered(
      ['{"id":1,"a":{"b":1},"a":{"c":1},"d":1,"d":"x"}', '{"id":2,"a":{"b":1,"c":2},"d":2}'],
      { compare: false },
    );
  });

  test('100,000 levels', () => {
    const depth = 100_000;
    expectDelivered([`{"id":1,"a":${'{"b":'.repeat(depth)}1${'}'.repeat(depth)}}`], {
      compare: false,
    });
  });

  test('800 leaves in 12 levels, some events without some of them, and a cap on columns', () => {
    const event = (salt: number): object =>
      Object.fromEntries<unknown>([
        ['id', salt],
        ...Array.from({ length: 80 }, (_, branch): [string, unknown] => {
          let node: unknown = Object.fromEntries(
            Array.from({ length: 10 }, (_, leaf) => [
              `v${leaf}`,
              (salt + leaf) % 7 ? leaf : 'mixed',
            ]),
          );
          for (let level = 0; level < 10; level++) node = { [`l${level}`]: node };
          return [`b${branch}`, (salt + branch) % 5 ? node : null];
        }),
      ]);
    const texts = Array.from({ length: 20 }, (_, salt) => JSON.stringify(event(salt)));
    expectDelivered(texts);
    expectDelivered(texts, { maxColumns: 100 });
  });

  test('whatever JSON objects there are', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'b', 'A', 'a.b', '1', '2', '', '__proto__', 'event_id'),
      fc.string(),
    );
    const { object } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 3 }),
        tie('object'),
        fc.integer(),
        fc.date({ min: new Date(0), noInvalidDate: true }).map((date) => date.toISOString()),
        fc.constantFrom('2024-01-01', '2024-01-01T00:00:00Z'),
      ),
      object: fc.dictionary(name, tie('value'), { maxKeys: 5 }),
    }));
    fc.assert(
      fc.property(
        fc.array(object, { minLength: 1, maxLength: 8 }),
        fc.nat(4),
        (events, maxColumns) => {
          expectDelivered(
            events.map((event) => JSON.stringify(event)),
            { maxColumns },
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

const dataFolder = publicDataFolder;
const dataFiles = dataFolder
  ? (readdirSync(dataFolder, { recursive: true }) as string[]).filter((file) =>
      /\.(json|ndjson|ndjson\.gz)$/.test(file),
    )
  : [];

// The data lie beside the repository, for their size and licences; a clone without them skips these.
(dataFolder ? describe : describe.skip)(
  'public data is delivered with the definition inferred from it',
  () => {
    test.each(dataFolder ? dataFiles : ['none'])('%s', (file) => {
      const bytes = readFileSync(join(dataFolder ?? '', file));
      const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
      const lines = file.includes('.ndjson') ? text.trimEnd().split('\n') : [text];
      // Of 180,000 lines alike, one in four.
      const texts = lines.length < 100_000 ? lines : lines.filter((_, index) => index % 4 === 0);
      expectDelivered(texts, { compare: texts.length < 10_000 });
    });
  },
);
