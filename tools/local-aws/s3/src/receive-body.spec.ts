import { GetObjectCommand, PutObjectCommand, type ChecksumAlgorithm } from '@aws-sdk/client-s3';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { lake, S3UnderTest } from './s3-under-test';

const local = new S3UnderTest();

describe('checksums', () => {
  test.each<ChecksumAlgorithm>(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'])(
    'by %s are verified on the way in and given back',
    async (ChecksumAlgorithm) => {
      const bytes = Buffer.from('some bytes, and more of them');
      for (const [Key, Body] of [
        ['whole', bytes],
        // Of unknown length beforehand: sent in chunks, with the checksum after them.
        ['streamed', Readable.from([bytes.subarray(0, 9), bytes.subarray(9)])],
      ] as const) {
        await local.client.send(
          new PutObjectCommand({
            ...lake,
            Key,
            Body,
            ContentLength: bytes.length,
            ChecksumAlgorithm,
          }),
        );
        // The SDK compares what it reads with the checksum that it is told.
        const answer = await local.client.send(
          new GetObjectCommand({ ...lake, Key, ChecksumMode: 'ENABLED' }),
        );
        expect(await answer.Body?.transformToString()).toBe(bytes.toString());
        expect(answer[`Checksum${ChecksumAlgorithm}`]).toMatch(/^[\w+/]+=*$/);
      }
    },
  );

  test.each([
    ['x-amz-checksum-crc32', 'AAAAAA==', 'BadDigest'],
    ['x-amz-checksum-crc64nvme', 'AAAAAAAAAAA=', 'BadDigest'],
    ['content-md5', 'AAAAAAAAAAAAAAAAAAAAAA==', 'BadDigest'],
    ['content-md5', 'short', 'InvalidDigest'],
    ['x-amz-content-sha256', '0'.repeat(64), 'XAmzContentSHA256Mismatch'],
  ])(
    'in %s that do not fit are refused, and leave nothing behind',
    async (name, value, expected) => {
      const answer = await local.raw('PUT', '/lake/k', {
        headers: { [name]: value },
        body: 'hello',
      });
      expect(answer).toMatchObject({
        status: 400,
        body: expect.stringContaining(`<Code>${expected}</Code>`),
      });
      expect(readdirSync(join(local.folder, 'lake'))).toEqual([]);
      expect(readdirSync(join(local.folder, '.s3/incoming'))).toEqual([]);
    },
  );

  test('in a trailer that does not fit are refused', async () => {
    const answer = await local.raw('PUT', '/lake/k', {
      headers: {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '5',
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
      body: '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
    });
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('BadDigest') });
  });

  test('are not told of a part', async () => {
    await local.put('k', 'hello');
    const headers = { 'x-amz-checksum-mode': 'ENABLED' };
    const whole = await local.raw('GET', '/lake/k', { headers });
    const part = await local.raw('GET', '/lake/k', { headers: { ...headers, range: 'bytes=0-1' } });
    expect(whole.headers['x-amz-checksum-crc32']).toBe('NhCmhg==');
    expect(part.headers['x-amz-checksum-crc32']).toBeUndefined();
  });
});
