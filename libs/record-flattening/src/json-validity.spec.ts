import fc from 'fast-check';
import { defineEvent } from '@sluice/event-schema';
import { compileFlattener, type FlattenResult } from './flattener';

// One column holds any JSON as its text, so every value goes through the scanner and comes out again.
const flattener = compileFlattener(
  defineEvent({
    name: 'any',
    version: '1.0.0',
    key: 'id',
    schema: {
      type: 'object',
      properties: { id: { type: 'string', default: 'none' }, any: {} },
      required: ['id'],
    },
  }),
);

const origin = { shardId: 's', sequenceNumber: '1', arrivalMs: 0 };
const flattenBytes = (record: Uint8Array): FlattenResult => flattener.flatten(record, origin);
const flattenText = (text: string): FlattenResult => flattenBytes(new TextEncoder().encode(text));

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Returns the `any` column and the `unmapped` text of a record that has one row. */
const columnsOf = (result: FlattenResult): { any?: string; unmapped?: string } => {
  if (result.status !== 'rows') throw new Error(JSON.stringify(result));
  return JSON.parse(new TextDecoder().decode(result.bytes)) as { any?: string; unmapped?: string };
};

const expectSameVerdict = (value: string): void => {
  const known = `{"any":${value}}`;
  const unknown = `{"other":${value}}`;
  for (const text of [known, unknown]) {
    const result = flattenText(text);
    // Several objects one after another are a record, though no JSON text.
    if (result.status === 'rows' && result.rows > 1) return;
    expect([text, result.status]).toEqual([text, isJson(text) ? 'rows' : 'fault']);
  }
  if (!isJson(known)) return;
  // Text that closes the object and goes on is several members, not one value.
  if (!isJson(value)) return;
  const source = value.trim();
  expect(columnsOf(flattenText(known)).any).toEqual(source === 'null' ? undefined : source);
  expect(columnsOf(flattenText(unknown)).unmapped).toEqual(`{"other":${source}}`);
};

// After the cases of JSONTestSuite (Nicolas Seriot, "Parsing JSON is a minefield"), in our own words.
const tokens = [
  '',
  ' ',
  'nul',
  'null',
  'nulll',
  'NULL',
  'true',
  'tru',
  'True',
  'false',
  'fals',
  'undefined',
  'NaN',
  '-NaN',
  'Infinity',
  '-Infinity',
  'inf',
  '0',
  '-0',
  '00',
  '-00',
  '01',
  '-01',
  '1',
  '-1',
  '+1',
  '--1',
  '-',
  '-a',
  '- 1',
  '.',
  '.5',
  '-.5',
  '5.',
  '5.e1',
  '0.',
  '0.1',
  '0.10',
  '1.2.3',
  '1e',
  '1e+',
  '1e-',
  '1e5',
  '1E5',
  '1e+5',
  '1E-5',
  '1e05',
  '1e5.5',
  '1ee5',
  '0e',
  '0e1',
  '0e+-1',
  '1_000',
  '1,000',
  '0x1F',
  '1f',
  '1 2',
  '1a',
  '12345678901234567890',
  '-9223372036854775809',
  '1e400',
  '-1e400',
  '1e-400',
  '123.456e78',
  '0.000000000000000000000000000000000000000001',
  '\uff11',
  '""',
  '"',
  '"a',
  'a"',
  "'a'",
  '"a""b"',
  '"\\"',
  '"\\\\"',
  '"\\""',
  '"\\/"',
  '"\\b\\f\\n\\r\\t"',
  '"\\a"',
  '"\\v"',
  '"\\0"',
  '"\\x41"',
  '"\\u"',
  '"\\u0"',
  '"\\u00"',
  '"\\u004"',
  '"\\u0041"',
  '"\\u00e9"',
  '"\\u00E9"',
  '"\\u00g9"',
  '"\\U0041"',
  '"\\ud834\\udd1e"',
  '"\\ud834"',
  '"\\udd1e"',
  '"\\udd1e\\ud834"',
  '"\\ud800\\n"',
  '"\\u0000"',
  '"\\"\\u"',
  '"\t"',
  '"\n"',
  '"\r"',
  '"\u0000"',
  '"\u001f"',
  '"\u007f"',
  '"\u0080"',
  '"é"',
  '"€"',
  '"😀"',
  '"\u2028\u2029"',
  '"\ufeff"',
  '"\uffff"',
  '\ufeff1',
  '\u00a01',
  '\u20281',
  '\u000b1',
  '\u000c1',
  '[]',
  '[',
  ']',
  '[]]',
  '[[]',
  '[ ]',
  '[,]',
  '[,1]',
  '[1,]',
  '[1,,2]',
  '[1 2]',
  '[1;2]',
  '[1\n,\t2\r]',
  '["a"',
  '["a",',
  '["a":1]',
  '[1}',
  '{]',
  '{}',
  '{',
  '}',
  '{ }',
  '{,}',
  '{"a"}',
  '{"a":}',
  '{"a":1',
  '{"a":1,}',
  '{"a":1,,"b":2}',
  '{:1}',
  '{"a"::1}',
  '{"a":1:2}',
  '{"a" 1}',
  '{"a" :1}',
  '{a:1}',
  "{'a':1}",
  '{1:1}',
  '{null:1}',
  '{"a":1 "b":2}',
  '{"a":1}}',
  '{"a":1]',
  '{"":1}',
  '{"a":1,"a":2}',
  '{"a\\u0000":1}',
  '{"a\n":1}',
  '{"__proto__":{"x":1}}',
  '{"constructor":null}',
  '/* a */1',
  '1//a',
  '1#a',
  '{"a":/**/1}',
  '<a>',
  '*',
  '&',
  '$',
  '[\u0000]',
  '{"a":"b"}{"c":"d"}',
  '1,"x":2',
  '"",""',
];

describe('the scanner', () => {
  test.each(tokens)('agrees with JSON.parse on %j', (token) => {
    expectSameVerdict(token);
    expectSameVerdict(` \n${token}\t`);
    expectSameVerdict(`[${token}]`);
    expectSameVerdict(`[0,${token},{"k":${token}}]`);
  });

  test('agrees with JSON.parse on any JSON, spaced and spelled as it may be', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(4), (text, indent) => {
        expectSameVerdict(text);
        expectSameVerdict(JSON.stringify(JSON.parse(text), null, indent));
      }),
    );
  });

  test('agrees with JSON.parse on JSON with a piece replaced', () => {
    const alphabet = Array.from('{}[]",:\\ue0123456789+-. \n\tnulltruefalse\u0000é😀x');
    const piece = fc.array(fc.constantFrom(...alphabet), { maxLength: 3 });
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat(3), piece, (text, place, count, inserted) => {
        const at = place % (text.length + 1);
        const cut = text.slice(0, at) + inserted.join('') + text.slice(at + count);
        // A cut may leave half of a surrogate pair, which no UTF-8 can hold.
        expectSameVerdict(new TextDecoder().decode(new TextEncoder().encode(cut)));
      }),
      { numRuns: 2000 },
    );
  });

  test('agrees with JSON.parse on every beginning of a text', () => {
    const text = '[{"a\\u00e9":[1.5e-3,true,null,"é😀\\n"],"b":{"c":false}} , -0]';
    for (let end = 0; end <= text.length; end++) expectSameVerdict(text.slice(0, end));
  });

  test('takes the bytes that a fatal UTF-8 decoder takes', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const decodes = (bytes: Uint8Array): boolean => {
      try {
        decoder.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const [head, tail] = ['{"any":"', '"}'].map((text) => new TextEncoder().encode(text));
    const byte = fc.oneof(
      fc.integer({ min: 0x80, max: 0xff }),
      fc.constantFrom(
        0x41,
        0xc0,
        0xc2,
        0xe0,
        0xed,
        0xef,
        0xf0,
        0xf4,
        0x80,
        0x8f,
        0x90,
        0x9f,
        0xa0,
        0xbf,
      ),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ min: 0x80, maxLength: 5 }),
        fc.array(byte, { maxLength: 6 }),
        (a, b) => {
          for (const bytes of [a, Uint8Array.from(b)]) {
            const result = flattenBytes(Uint8Array.from([...head!, ...bytes, ...tail!]));
            const verdict = result.status === 'fault' ? result.fault.code : result.status;
            expect([bytes, verdict]).toEqual([bytes, decodes(bytes) ? 'rows' : 'invalid-utf8']);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('never throws, and keeps nothing of a record for the next', () => {
    const whole = '{"any":"x"}';
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        flattenBytes(bytes);
        expect(columnsOf(flattenText(whole))).toEqual({
          id: 'none',
          any: '"x"',
          event_id: 's:1:0',
          ingested_at: '1970-01-01 00:00:00.000',
        });
      }),
    );
  });
});
