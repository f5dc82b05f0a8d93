import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openSourceFile, type SourceText } from './source-file';
import { SourceFileError } from './text-file';

const folder = mkdtempSync(join(tmpdir(), 'sluice-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const read = async (path: string): Promise<SourceText[]> => {
  const texts: SourceText[] = [];
  for await (const text of (await openSourceFile(path)).texts()) texts.push(text);
  return texts;
};

/** Encodes a text as little-endian UTF-32, which Windows and most machines use. */
const utf32 = (text: string): Buffer =>
  Buffer.concat(
    Array.from(text, (character) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(character.codePointAt(0) ?? 0);
      return bytes;
    }),
  );

describe('openSourceFile', () => {
  test.each<[string, string | Uint8Array, SourceText[]]>([
    [
      'lines.ndjson',
      '\ufeff{"a":1}\r\n\n  {"a":2}\nnot json\n{"a":3}',
      [
        { position: 1, line: 1, column: 1, text: '{"a":1}' },
        { position: 3, line: 3, column: 3, text: '{"a":2}' },
        { position: 4, line: 4, column: 1, text: 'not json' },
        { position: 5, line: 5, column: 1, text: '{"a":3}' },
      ],
    ],
    [
      'lines.jsonl.gz',
      gzipSync('{"é":"😀"}\n'),
      [{ position: 1, line: 1, column: 1, text: '{"é":"😀"}' }],
    ],
    [
      'array.json',
      '\n[ {"a": 1.10},\n {"b":[1,{"c":"]"}]} , 3 ]\n',
      [
        { position: 1, line: 2, column: 3, text: '{"a": 1.10}' },
        { position: 2, line: 3, column: 2, text: '{"b":[1,{"c":"]"}]}' },
        { position: 3, line: 3, column: 24, text: '3' },
      ],
    ],
    [
      'object.json.gz',
      gzipSync('{\n "a": 1\n}'),
      [{ position: 1, line: 1, column: 1, text: '{\n "a": 1\n}' }],
    ],
    [
      'several.json',
      '{"a":1}\n{"a":2}',
      [
        { position: 1, line: 1, column: 1, text: '{"a":1}' },
        { position: 2, line: 2, column: 1, text: '{"a":2}' },
      ],
    ],
    ['none.json', '[]', []],
    [
      'one-event-with-events.json',
      '[{"events":[{"a":1}]}]',
      [{ position: 1, line: 1, column: 2, text: '{"events":[{"a":1}]}' }],
    ],
    [
      'order.json',
      '{"id":1,"items":[{"a":1}]}',
      [{ position: 1, line: 1, column: 1, text: '{"id":1,"items":[{"a":1}]}' }],
    ],
    [
      'sessions.ndjson',
      '{"id":1,"events":[{"a":1}]}\n{"id":2,"events":[{"a":1}]}',
      [
        { position: 1, line: 1, column: 1, text: '{"id":1,"events":[{"a":1}]}' },
        { position: 2, line: 2, column: 1, text: '{"id":2,"events":[{"a":1}]}' },
      ],
    ],
    [
      'returns.ndjson',
      '{"a":1}\r{"a":2}\r\r\n{"a":3}\r',
      [
        { position: 1, line: 1, column: 1, text: '{"a":1}' },
        { position: 2, line: 2, column: 1, text: '{"a":2}' },
        { position: 4, line: 4, column: 1, text: '{"a":3}' },
      ],
    ],
  ])('reads %s', async (name, content, texts) => {
    expect(await read(file(name, content))).toEqual(texts);
  });

  test.each<[string, string | Uint8Array | undefined, RegExp]>([
    ['absent.json', undefined, /there is no file/],
    ['empty.ndjson', '', /is empty/],
    ['blank.json', ' \n ', /nothing but white space/],
    ['table.csv', 'a,b', /does not end in/],
    ['plain.json.gz', '{"a":1}', /is not gzip data/],
    ['zipped.json', gzipSync('{"a":1}'), /is gzip data/],
    ['text.json', 'hello', /is not JSON: it begins with "h"/],
    ['cut.json', '[{"a":1},{"a":', /ends in the middle of its array, after element 1/],
    ['cut.json.gz', gzipSync('{"a":1}'.repeat(1000)).subarray(0, 30), /can't be read to its end/],
    [
      'latin1.ndjson',
      Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d]),
      /line 1, column 3: it is not UTF-8/,
    ],
    ['cut-character.ndjson', Buffer.from('{"a":1}\n"é').subarray(0, -1), /line 2, column 2: it is/],
    ['utf16.ndjson', Buffer.from('\ufeff{"a":1}', 'utf16le'), /is UTF-16 text; save it as UTF-8/],
    ['utf16be.json', Buffer.from('\ufeff[]', 'utf16le').swap16(), /is UTF-16 .*-f UTF-16BE/],
    ['no-mark.ndjson', Buffer.from('{"a":1}', 'utf16le'), /is UTF-16 text; .*-f UTF-16LE/],
    ['no-mark-be.ndjson', Buffer.from('{"a":1}', 'utf16le').swap16(), /UTF-16 .*-f UTF-16BE/],
    [
      'utf32.ndjson',
      utf32('\ufeff{"a":1}'),
      /is UTF-32 text; save it as UTF-8 \(iconv -f UTF-32LE/,
    ],
    ['utf32-no-mark.ndjson', utf32('{"a":1}'), /is UTF-32 text; .*-f UTF-32LE/],
    ['utf32-be.ndjson', utf32('\ufeff{"a":1}').swap32(), /is UTF-32 text; .*-f UTF-32BE/],
    ['utf32-be-no-mark.ndjson', utf32('{"a":1}').swap32(), /is UTF-32 text; .*-f UTF-32BE/],
    ['sheet.json', 'PK\x03\x04…', /is a ZIP archive or an Excel workbook; .* CSV/],
    ['table.ndjson', 'PAR1…', /is a Parquet file; give it a name that ends in \.parquet/],
    ['lines-of-array.ndjson', '[\n{"a":1},\n{"a":2}\n]', /line 1: a JSON array .* ends in \.json/],
    ['array-in-a-line.jsonl', '\n[{"a":1},{"a":2}]', /line 2: a JSON array begins there/],
    ['pretty.ndjson', '{\n  "a": 1\n}\n', /line 1: an object .* goes on in the next lines/],
    [
      'trail.json',
      '{"Records":[{"a":1},{"a":2}]}',
      /one object around .* "Records": .*jq -c '\.\["Rec/,
    ],
    ['trail.ndjson', '{"Records":[{"a":1}]}\n', /one object around the events/],
    ['api.json', '{"ok":true,"events":[{"a":1}]}', /events, which are in its "events"/],
    ['odata.json', '{"value":[{"a":1}]}', /events, which are in its "value"/],
    ['no-comma.json', '[{"a":1}\n {"a":2}]', /line 2, column 2: there is no comma between/],
    ['two-commas.json', '[{"a":1},,{"a":2}]', /line 1, column 10: there is a comma without an el/],
    ['first-comma.json', '[,{"a":1}]', /column 2: there is a comma without an element before/],
    ['last-comma.json', '[{"a":1},]', /column 10: the array ends after a comma/],
    ['numbers.json', '[1 2]', /column 4: there is no comma between two elements/],
  ])('refuses %s with a sentence', async (name, content, message) => {
    const path = content === undefined ? join(folder, name) : file(name, content);
    const refusal: unknown = await read(path).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SourceFileError);
    expect((refusal as Error).message).toMatch(message);
  });

  test('keeps texts whole that are larger than a chunk of the file', async () => {
    const event = JSON.stringify({ text: 'ä'.repeat(300_000) });
    expect(await read(file('large.ndjson', `${event}\n${event}\n`))).toEqual([
      { position: 1, line: 1, column: 1, text: event },
      { position: 2, line: 2, column: 1, text: event },
    ]);
    expect((await read(file('large.json', `[${event},${event}]`))).map(({ text }) => text)).toEqual(
      [event, event],
    );
  });

  test('names the place of the first byte that is not UTF-8, also after many characters', async () => {
    const lines = `${'"é😀"\r\n'.repeat(100_000)}"ü`;
    const path = file('far.ndjson', Buffer.concat([Buffer.from(lines), Buffer.from([0xff, 0x22])]));
    await expect(read(path)).rejects.toThrow('far.ndjson, line 100001, column 3: it is not UTF-8');
  });

  test('reads a file without a byte as no texts where that is allowed', async () => {
    for (const name of ['empty.ndjson', 'empty.json', 'empty.jsonl']) {
      const source = await openSourceFile(file(name, ''), { mayBeEmpty: true });
      for await (const text of source.texts()) throw new Error(`found ${JSON.stringify(text)}`);
    }
  });
});
