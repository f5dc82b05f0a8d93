import { PutObjectCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { PreconditionFailedError, type ObjectInfo } from '@sluice/lake-layout';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3, type LocalS3 } from './start-s3';

let folder: string;
let s3: LocalS3;
const credentials = { accessKeyId: 'sluice', secretAccessKey: 'sluice-secret' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-s3-'));
  s3 = await startS3({ folder, accessKeyId: credentials.accessKeyId, buckets: ['lake'] });
});

afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true });
});

test('smoke', async () => {
  const client = s3Client({ endpoint: s3.url, region: 'us-east-1', credentials });
  const store = s3ObjectStore({ client, bucket: 'lake' });
  const { etag } = await store.put('a/b c/ü.txt', Buffer.from('hello world'), { ifNoneMatch: '*' });
  expect(readFileSync(join(folder, 'lake/a/b c/ü.txt'), 'utf8')).toBe('hello world');
  await expect(
    store.put('a/b c/ü.txt', Buffer.from('x'), { ifNoneMatch: '*' }),
  ).rejects.toBeInstanceOf(PreconditionFailedError);
  const got = await store.get('a/b c/ü.txt', { range: { last: 5 } });
  expect(Buffer.from(got.bytes).toString()).toBe('world');
  expect(got).toMatchObject({ etag, totalBytes: 11 });
  const found: ObjectInfo[] = [];
  for await (const info of store.list('a/')) found.push(info);
  expect(found).toMatchObject([{ key: 'a/b c/ü.txt', bytes: 11, etag }]);
  await store.delete(['a/b c/ü.txt', 'nothing']);
  expect((await client.send(new ListBucketsCommand())).Buckets).toMatchObject([{ Name: 'lake' }]);
  await client.send(
    new PutObjectCommand({ Bucket: 'lake', Key: 'k', Body: 'x', ChecksumAlgorithm: 'CRC64NVME' }),
  );
  client.destroy();
});
