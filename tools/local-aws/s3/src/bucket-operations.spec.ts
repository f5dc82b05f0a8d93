import {
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { mkdirSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { code, lake, S3UnderTest } from './s3-under-test';

const local = new S3UnderTest();

describe('buckets', () => {
  test('are the folders of the folder, found and listed', async () => {
    const head = (): Promise<string> =>
      code(local.client.send(new HeadBucketCommand({ Bucket: 'other' })));
    expect(await head()).toBe('NotFound');
    mkdirSync(join(local.folder, 'other'));
    expect(await head()).toBe('none');
    const { Buckets } = await local.client.send(new ListBucketsCommand());
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['lake', 'other']);
  });

  test('that are not there are named in every refusal', async () => {
    const none = { Bucket: 'none', Key: 'k' };
    for (const command of [
      () => local.client.send(new GetObjectCommand(none)),
      () => local.client.send(new PutObjectCommand({ ...none, Body: 'x' })),
      () => local.client.send(new ListObjectsV2Command(none)),
      () => local.client.send(new CreateMultipartUploadCommand(none)),
      () =>
        local.client.send(
          new DeleteObjectsCommand({ ...none, Delete: { Objects: [{ Key: 'k' }] } }),
        ),
    ])
      expect(await code(command())).toBe('NoSuchBucket');
  });

  test('may be named by the host', async () => {
    const httpAgent = new Agent({
      lookup: (host, { all }, found) => {
        expect(host).toBe('lake.localhost');
        if (all === true) found(null, [{ address: '127.0.0.1', family: 4 }]);
        else found(null, '127.0.0.1', 4);
      },
    });
    const virtual = local.sdk({
      endpoint: local.server.url.replace('127.0.0.1', 'localhost'),
      forcePathStyle: false,
      requestHandler: new NodeHttpHandler({ httpAgent }),
    });
    await virtual.send(new PutObjectCommand({ ...lake, Key: 'a/b', Body: 'by host' }));
    const { Contents } = await virtual.send(new ListObjectsV2Command({ ...lake }));
    expect(Contents).toMatchObject([{ Key: 'a/b', Size: 7 }]);
    virtual.destroy();
    expect(await local.get('a/b')).toBe('by host');
  });
});

describe('listings', () => {
  const list = async (
    input: Partial<ListObjectsV2Command['input']> = {},
  ): Promise<readonly (readonly string[])[]> => {
    const pages: string[][] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await local.client.send(
        new ListObjectsV2Command({ ...lake, ...input, ContinuationToken }),
      );
      const names = [
        ...(page.Contents ?? []).map(({ Key = '' }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => `${Prefix}…`),
      ];
      expect(page.KeyCount).toBe(names.length);
      pages.push(names);
      ContinuationToken = page.NextContinuationToken;
      expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
    } while (ContinuationToken !== undefined);
    return pages;
  };

  test('go page by page, with prefixes rolled up', async () => {
    for (const key of ['a/1', 'a/2', 'b', 'c/d/1', 'c/e', 'f']) await local.put(key, 'x');
    expect(await list({ MaxKeys: 4 })).toEqual([
      ['a/1', 'a/2', 'b', 'c/d/1'],
      ['c/e', 'f'],
    ]);
    expect(await list({ Delimiter: '/' })).toEqual([['b', 'f', 'a/…', 'c/…']]);
    expect(await list({ Delimiter: '/', MaxKeys: 1 })).toEqual([['a/…'], ['b'], ['c/…'], ['f']]);
    expect(await list({ Delimiter: '/', Prefix: 'c/' })).toEqual([['c/e', 'c/d/…']]);
    expect(await list({ StartAfter: 'b' })).toEqual([['c/d/1', 'c/e', 'f']]);
    expect(await list({ Prefix: 'none' })).toEqual([[]]);
  });

  test('carry every character', async () => {
    const keys = [
      'a<b>&"c"',
      "it's (1)*!",
      'line\nbreak\rreturn\ttab',
      'z\u0001',
      'ключ',
      '\u{1f600}',
    ];
    for (const key of keys) await local.put(key, 'x');
    const { Contents = [] } = await local.client.send(
      new ListObjectsV2Command({ ...lake, EncodingType: 'url' }),
    );
    expect(Contents.map(({ Key = '' }) => decodeURIComponent(Key))).toEqual(keys);
    const [plain] = await list({ Prefix: 'a' });
    expect(plain).toEqual(['a<b>&"c"']);
  });

  test.each(['max-keys=-1', 'max-keys=x', 'encoding-type=base64', 'continuation-token=abc'])(
    'refuse %s',
    async (query) => {
      expect(await local.raw('GET', `/lake?list-type=2&${query}`)).toMatchObject({
        status: 400,
        body: expect.stringContaining('<Code>InvalidArgument</Code>'),
      });
    },
  );
});
