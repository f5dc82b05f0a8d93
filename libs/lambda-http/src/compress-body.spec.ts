import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compressBody } from './compress-body';

const body = 'a line of text\n'.repeat(1_000);

test.each([
  [undefined, undefined],
  ['', undefined],
  ['br', 'br'],
  ['gzip, br', 'br'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['BR;Q=0.1, GZIP;Q=0.9', 'gzip'],
  ['br;q=0.1, gzip;q=0.9', 'gzip'],
  ['br ; q=0.5 , gzip ; q=0.5', 'br'],
  ['br;q=0, gzip;q=0.001', 'gzip'],
  ['br;q=0, gzip;q=0', undefined],
  ['identity, br;q=0.5', undefined],
  ['identity;q=0.1, gzip;q=0.2', 'gzip'],
  ['*', 'br'],
  ['*;q=0.5, br;q=0.1', 'gzip'],
  ['*;q=0', undefined],
  ['zstd, deflate', undefined],
  ['br;q=1.5, gzip', 'gzip'],
])('Accept-Encoding %j has a large body come as %s', async (header, coding) => {
  const { body: sent, headers } = await compressBody(body, header);
  expect(headers['content-encoding']).toBe(coding);
  const read = { br: brotliDecompressSync, gzip: gunzipSync }[coding ?? ''];
  expect(read ? read(sent).toString() : sent).toBe(body);
});

test('a small body comes as it is', async () => {
  expect(await compressBody('small', 'br')).toEqual({ body: 'small', headers: {} });
});
