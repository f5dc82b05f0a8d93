import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { toProxyResult } from '@sluice/lambda-http';
import { mediaTypes } from '@sluice/row-formats';
import { createTestApi, jsonOf, policyRow, today } from './testing/test-api';

/** Largest payload that Lambda accepts (quotas: invocation payload, synchronous). */
const maxPayloadBytes = 6 * 1024 * 1024;

const bigRow = (index: number) =>
  policyRow('C-1', `e${String(index).padStart(3, '0')}`, {
    // Quotes and backslashes: what grows most on the way.
    notes: JSON.stringify({ text: '"\\'.repeat(20_000) }),
  });

describe.each(mediaTypes)('answers beyond 6 MB (%s)', (accept) => {
  it('come in pages that Lambda can give back', async () => {
    const { lake, send } = createTestApi();
    await lake.addRaw(
      today,
      Array.from({ length: 40 }, (_, index) => bigRow(index)),
    );
    let cursor: string | undefined = '';
    let count = 0;
    let pages = 0;
    while (cursor !== undefined && pages < 20) {
      const answer = await send({
        query: { id: 'C-1', ...(cursor && { cursor }) },
        headers: { accept },
      });
      expect(answer.status).toBe(200);
      expect(Buffer.byteLength(JSON.stringify(toProxyResult(answer)))).toBeLessThan(
        maxPayloadBytes,
      );
      count += Number(answer.headers['x-row-count']);
      cursor = answer.headers['x-next-cursor'];
      pages++;
    }
    expect(count).toBe(40);
    expect(pages).toBeGreaterThan(1);
  });
});

it.each([
  ['br', brotliDecompressSync],
  ['gzip', gunzipSync],
] as const)('is compressed as %s where the client takes that', async (encoding, decompress) => {
  const { lake, send } = createTestApi();
  await lake.addRaw(today, [bigRow(1)]);
  const plain = await send({ query: { id: 'C-1' } });
  const answer = await send({
    query: { id: 'C-1' },
    headers: { 'accept-encoding': `${encoding}, identity;q=0.1` },
  });
  expect(answer.headers['content-encoding']).toBe(encoding);
  const { body, isBase64Encoded } = toProxyResult(answer);
  expect(isBase64Encoded).toBe(true);
  expect(decompress(Buffer.from(body, 'base64')).toString()).toBe(plain.body);
  const refused = await send({
    query: { id: 'C-1' },
    headers: { 'accept-encoding': `${encoding};q=0` },
  });
  expect(refused.headers['content-encoding']).toBeUndefined();
  expect(jsonOf(refused).count).toBe(1);
});
