import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, lake, S3UnderTest } from './s3-under-test';

const local = new S3UnderTest();

describe('uploads in parts', () => {
  const whole = Buffer.alloc((5 << 20) + 3, 'sluice');
  const [head, tail] = [whole.subarray(0, 5 << 20), whole.subarray(5 << 20)];

  test('become one object', async () => {
    const { UploadId } = await local.client.send(
      new CreateMultipartUploadCommand({ ...lake, Key: 'big/one', ContentType: 'text/plain' }),
    );
    const part = { ...lake, Key: 'big/one', UploadId };
    const second = await local.client.send(
      new UploadPartCommand({ ...part, PartNumber: 2, Body: tail }),
    );
    const first = await local.client.send(
      new UploadPartCommand({ ...part, PartNumber: 1, Body: head }),
    );
    const Parts = [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: second.ETag },
    ];
    const complete = (parts: typeof Parts): Promise<unknown> =>
      local.client.send(
        new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts: parts } }),
      );
    expect(await code(complete([...Parts].reverse()))).toBe('InvalidPartOrder');
    expect(await code(complete([{ PartNumber: 1, ETag: second.ETag }]))).toBe('InvalidPart');
    expect(await complete(Parts)).toMatchObject({
      ETag: expect.stringMatching(/^"[0-9a-f]{32}-2"$/),
    });
    expect(readFileSync(join(local.folder, 'lake/big/one')).equals(whole)).toBe(true);
    expect(
      await local.client.send(new HeadObjectCommand({ ...lake, Key: 'big/one' })),
    ).toMatchObject({
      ContentType: 'text/plain',
      ContentLength: whole.length,
    });
    expect(await code(complete(Parts))).toBe('NoSuchUpload');
    expect(readdirSync(join(local.folder, '.s3/uploads'))).toEqual([]);
  });

  test('may take their parts from other objects', async () => {
    await local.put('source', '0123456789');
    const { UploadId } = await local.client.send(
      new CreateMultipartUploadCommand({ ...lake, Key: 'copy' }),
    );
    const part = { ...lake, Key: 'copy', UploadId };
    const { CopyPartResult } = await local.client.send(
      new UploadPartCopyCommand({
        ...part,
        PartNumber: 1,
        CopySource: 'lake/source',
        CopySourceRange: 'bytes=2-5',
      }),
    );
    const Parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag }];
    await local.client.send(
      new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }),
    );
    expect(await local.get('copy')).toBe('2345');
  });
});
