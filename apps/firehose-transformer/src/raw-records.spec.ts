import { gzipSync } from 'node:zlib';
import { defineEvent } from '@sluice/event-schema';
import { compileFlattener, sealRecord } from '@sluice/record-flattening';
import { batchTransformer } from './transform-batch';

// Records as strangers write them: malformed, cut off, not UTF-8, deep, and odd but valid. Each has to be
// answered once, and as its bytes deserve.

const transform = batchTransformer({
  flattener: compileFlattener(
    defineEvent({
      name: 'any',
      version: '1.0.0',
      key: 'id',
      schema: {
        type: 'object',
        properties: { id: { type: 'string', default: 'none' }, a: {} },
        required: ['id'],
      },
    }),
  ),
  putBack: () => Promise.reject(new Error('nothing is to be put back')),
});

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');

const values = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1.5e-7',
    '""',
    '"é😀"',
    '"\\ud800"',
    '"\\u0000"',
    '[]',
    '{}',
    '[[{}]]',
  ],
  ...[
    'nul',
    'True',
    'NaN',
    '-Infinity',
    '01',
    '1.',
    '.1',
    '+1',
    '1e',
    '0x1',
    "'a'",
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\t"',
  ],
  ...[
    '[1,]',
    '[,]',
    '{a:1}',
    '{"b"}',
    '{"b":}',
    '{"b":1,}',
    '[1 2]',
    '{]',
    '[}',
    '//',
    '/* */1',
    '1;',
    '\u00a01',
  ],
  ...[
    '12345678901234567890',
    '1e400',
    '{"__proto__":{"x":1}}',
    '{"b":1,"b":2}',
    '"\u2028"',
    '"\ufeff"',
    '\ufeff1',
  ],
];

const whole = '{"a":[1,{"b":"c\\u00e9 é"},null,true,-1.5e+3],"id":"x","n":{}}';

/** Name and bytes of every record. */
const records: readonly (readonly [name: string, bytes: Buffer])[] = [
  ...values.flatMap((value) =>
    [
      value,
      `{"a":${value}}`,
      `{"z":${value}}`,
      ` [{"a": ${value}}\n]\r\n`,
      `{"${value}":1}`,
      `[${value}]`,
    ].map((text) => [text, bytesOf(text)] as const),
  ),
  // Cut off after every byte, also inside of a character.
  ...Array.from(
    bytesOf(whole),
    (_, end) => [`cut at ${end}`, bytesOf(whole).subarray(0, end)] as const,
  ),
  // With every byte made one that is neither ASCII nor UTF-8.
  ...Array.from(bytesOf(whole), (_, at) => {
    const bytes = bytesOf(whole);
    bytes[at] = 0xff;
    return [`0xff at ${at}`, bytes] as const;
  }),
  ...['', ' ', '\n\n', '\t[ ]\r\n', '[]'].map(
    (text) => [JSON.stringify(text), bytesOf(text)] as const,
  ),
  ['UTF-16', Buffer.from(whole, 'utf16le')],
  ['latin-1', Buffer.from('{"a":"é"}', 'latin1')],
  ['overlong', Buffer.from([...bytesOf('{"a":"'), 0xc0, 0xaf, ...bytesOf('"}')])],
  ['zero bytes', Buffer.alloc(64)],
  ['deep arrays', bytesOf(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)],
  ['deep objects', bytesOf(`${'{"z":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
  ['deep, not closed', bytesOf('[{"a":['.repeat(100_000))],
  ['many members', bytesOf(`{${Array.from({ length: 5_000 }, (_, n) => `"m${n}":${n}`).join()}}`)],
  ['one member, many times', bytesOf(`{${'"a":[1],'.repeat(20_000)}"a":2}`)],
  ['a long string', bytesOf(`{"a":"${'x'.repeat(300_000)}"}`)],
  ['a long number', bytesOf(`{"a":${'9'.repeat(50_000)}}`)],
];

/** What `JSON.parse` and a strict decoder make of the bytes. */
function deserved(bytes: Buffer): 'Ok' | 'Dropped' | 'ProcessingFailed' {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.trim() === '') return 'ProcessingFailed';
    value = JSON.parse(text);
  } catch {
    return 'ProcessingFailed';
  }
  const isObject = (item: unknown): boolean =>
    item !== null && typeof item === 'object' && !Array.isArray(item);
  if (!Array.isArray(value)) return isObject(value) ? 'Ok' : 'ProcessingFailed';
  if (value.length === 0) return 'Dropped';
  return value.every(isObject) ? 'Ok' : 'ProcessingFailed';
}

const answersTo = async (data: readonly Buffer[]) => {
  const { answers } = await transform(
    data.map((bytes, index) => ({
      recordId: String(index),
      approximateArrivalTimestamp: 0,
      data: bytes.toString('base64'),
    })),
  );
  expect(answers.map(({ recordId }) => recordId)).toEqual(data.map((_, index) => String(index)));
  return answers;
};

describe('raw records', () => {
  test(`are answered once each, as they deserve: ${records.length} of them`, async () => {
    const answers = await answersTo(records.map(([, bytes]) => bytes));
    records.forEach(([name, bytes], index) => {
      const { result, data } = answers[index]!;
      expect([name.slice(0, 80), result]).toEqual([name.slice(0, 80), deserved(bytes)]);
      if (result === 'ProcessingFailed') expect(data).toBe(bytes.toString('base64'));
      if (result !== 'Ok') return;
      const rows = Buffer.from(data!, 'base64').toString().trimEnd().split('\n');
      for (const row of rows) expect(JSON.parse(row)).toHaveProperty('event_id');
    });
  });

  test('are the same when they come compressed', async () => {
    const zipped = records.map(([, bytes]) => gzipSync(bytes, { level: 1 }));
    const answers = await answersTo(zipped);
    expect(answers.map(({ result }) => result)).toEqual(
      records.map(([, bytes]) => deserved(bytes)),
    );
  });

  test('that decompress to more than anything could hold are refused in time', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    const [answer] = await answersTo([bomb]);
    expect(answer).toMatchObject({ result: 'ProcessingFailed', data: bomb.toString('base64') });
  });

  test('that look like an envelope and are none are failed like any other', async () => {
    const sealed = sealRecord(bytesOf('{"a":1}'), {
      origin: { shardId: 's', sequenceNumber: '1', arrivalMs: 5 },
      attempt: 1,
    });
    const spoilt = Buffer.from(sealed);
    spoilt[20] = 0;
    const [whole, broken, cut] = await answersTo([
      Buffer.from(sealed),
      spoilt,
      Buffer.from(sealed.subarray(0, 40)),
    ]);
    expect(Buffer.from(whole!.data!, 'base64').toString()).toContain('"event_id":"s:1:0"');
    expect([broken?.result, cut?.result]).toEqual(['ProcessingFailed', 'ProcessingFailed']);
  });
});

describe('rows in an envelope of their own', () => {
  const origin = { shardId: 'shard-1', sequenceNumber: '7', arrivalMs: 5 };
  const row = (id: string): string =>
    `{"id":${id},"event_id":"shard-1:7:0","ingested_at":"2026-02-01 00:00:00.000"}\n`;
  const answer = async (rows: Uint8Array) => {
    const data = Buffer.from(sealRecord(rows, { origin, attempt: 1, holds: 'rows' }));
    const { answers } = await transform([
      { recordId: '1', approximateArrivalTimestamp: 9, data: data.toString('base64') },
    ]);
    const [{ result, data: given = '' } = { result: 'none' }] = answers;
    return [result, Buffer.from(given, 'base64').toString()];
  };

  it('come out as they are', async () => {
    expect(await answer(bytesOf(row('"a"') + row('"b"')))).toEqual(['Ok', row('"a"') + row('"b"')]);
    expect(await answer(gzipSync(row('"a"')))).toEqual(['Ok', row('"a"')]);
  });

  it('fail where a value is not of the type of its column', async () => {
    expect((await answer(bytesOf(row('1'))))[0]).toBe('ProcessingFailed');
    expect((await answer(bytesOf('garbage')))[0]).toBe('ProcessingFailed');
  });
});
