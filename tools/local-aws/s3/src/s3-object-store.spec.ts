import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { testObjectStore } from '@sluice/lake-layout/testing';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { startS3, type LocalS3 } from './start-s3';

let folder: string;
let s3: LocalS3;
let client: S3Client;
let buckets = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-s3-'));
  const credentials = { accessKeyId: 'sluice', secretAccessKey: 'sluice-secret' };
  s3 = await startS3({ folder, credentials });
  client = s3Client({ endpoint: s3.url, region: 'us-east-1', credentials });
});

afterAll(async () => {
  client.destroy();
  await s3.close();
  rmSync(folder, { recursive: true });
});

testObjectStore(
  'the S3 store over the local S3 endpoint',
  () => {
    const bucket = `bucket-${++buckets}`;
    mkdirSync(join(folder, bucket));
    return Promise.resolve(s3ObjectStore({ client, bucket }));
  },
  (_store, keys) => {
    for (const key of keys) {
      const path = join(folder, `bucket-${buckets}`, key);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, key);
    }
    return Promise.resolve();
  },
);
