import fc from 'fast-check';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsChunkedDecoder } from './aws-chunked-decoder';

const encode = (
  chunks: readonly Uint8Array[],
  { signed, trailers }: { readonly signed: boolean; readonly trailers: readonly string[] },
): Buffer => {
  const signature = signed ? `;chunk-signature=${'0'.repeat(64)}` : '';
  return Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}${signature}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from([`0${signature}`, ...trailers, '', ''].join('\r\n')),
  ]);
};

const decode = async (
  pieces: readonly Buffer[],
): Promise<{ readonly body: Buffer; readonly trailers: ReadonlyMap<string, string> }> => {
  const decoder = new AwsChunkedDecoder();
  const out: Buffer[] = [];
  await pipeline(Readable.from(pieces, { objectMode: false }), decoder, async (source) => {
    for await (const chunk of source) out.push(chunk as Buffer);
  });
  return { body: Buffer.concat(out), trailers: decoder.trailers };
};

const cut = (bytes: Buffer, size: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );

describe('aws-chunked bodies', () => {
  test('are undone however the network cuts them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 4 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        async (chunks, signed, size) => {
          const trailers = signed ? [] : ['x-amz-checksum-crc32:AAAAAA==', 'X-Other: b'];
          const decoded = await decode(cut(encode(chunks, { signed, trailers }), size));
          expect(decoded.body.equals(Buffer.concat(chunks))).toBe(true);
          expect(Object.fromEntries(decoded.trailers)).toEqual(
            signed ? {} : { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-other': 'b' },
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ['that end early', '5\r\nhel', 'IncompleteBody'],
    ['without a last chunk', '5\r\nhello\r\n', 'IncompleteBody'],
    ['of no size', 'hello\r\n', 'InvalidChunkSizeError'],
    ['of a wrong size', '4\r\nhello\r\n0\r\n\r\n', 'InvalidChunkSizeError'],
    ['with more after the end', '0\r\n\r\nmore\r\n', 'InvalidChunkSizeError'],
    ['of endless header lines', '5'.repeat(5000), 'InvalidChunkSizeError'],
  ])('%s are refused', async (_, text, code) => {
    await expect(decode([Buffer.from(text)])).rejects.toMatchObject({ code, status: 400 });
  });
});
