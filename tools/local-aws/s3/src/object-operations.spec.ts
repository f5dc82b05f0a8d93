import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { code, lake, S3UnderTest } from './s3-under-test';

const local = new S3UnderTest();

describe('objects', () => {
  test('are plain files under their keys', async () => {
    const { ETag } = await local.put('t/raw/dt=2026-01-01/hour=05/ü 1.parquet', 'content');
    expect(
      readFileSync(join(local.folder, 'lake/t/raw/dt=2026-01-01/hour=05/ü 1.parquet'), 'utf8'),
    ).toBe('content');
    expect(ETag).toBe(`"${createHash('md5').update('content').digest('hex')}"`);
  });

  test('keep what was said about them, over a restart too', async () => {
    await local.client.send(
      new PutObjectCommand({
        ...lake,
        Key: 'k',
        Body: 'x',
        ContentType: 'text/csv',
        CacheControl: 'max-age=60',
        ContentEncoding: 'gzip',
        Metadata: { origin: 'test', 'two-words': 'a b' },
      }),
    );
    await local.restart();
    expect(await local.client.send(new HeadObjectCommand({ ...lake, Key: 'k' }))).toMatchObject({
      ContentLength: 1,
      ContentType: 'text/csv',
      CacheControl: 'max-age=60',
      ContentEncoding: 'gzip',
      Metadata: { origin: 'test', 'two-words': 'a b' },
      AcceptRanges: 'bytes',
    });
  });

  test('that somebody drops or edits by hand are served', async () => {
    const file = join(local.folder, 'lake/by/hand.txt');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'dropped');
    expect(await local.get('by/hand.txt')).toBe('dropped');
    const { ETag: first } = await local.client.send(
      new HeadObjectCommand({ ...lake, Key: 'by/hand.txt' }),
    );
    expect(first).toBe(`"${createHash('md5').update('dropped').digest('hex')}"`);
    writeFileSync(file, 'edited!');
    const { Contents } = await local.client.send(new ListObjectsV2Command(lake));
    expect(Contents).toMatchObject([
      { Key: 'by/hand.txt', ETag: `"${createHash('md5').update('edited!').digest('hex')}"` },
    ]);
  });

  test('leave no empty folder behind', async () => {
    await local.put('a/b/c', 'x');
    await local.put('a/d', 'x');
    await local.raw('DELETE', '/lake/a/b/c');
    expect(existsSync(join(local.folder, 'lake/a/b'))).toBe(false);
    await local.raw('DELETE', '/lake/a/d');
    expect(readdirSync(join(local.folder, 'lake'))).toEqual([]);
    await local.put('a', 'now a file');
    expect(await local.get('a')).toBe('now a file');
  });

  test('are read whole in one version while they are written anew', async () => {
    const versions = ['a', 'b'].map((letter) => letter.repeat(3 << 20));
    await local.put('k', versions[0]!);
    const write = async (): Promise<void> => {
      for (let i = 0; i < 6; i++) await local.put('k', versions[i % 2]!);
    };
    const read = async (): Promise<void> => {
      for (let i = 0; i < 12; i++) {
        const { Body, ETag } = await local.client.send(new GetObjectCommand({ ...lake, Key: 'k' }));
        const text = (await Body?.transformToString()) ?? '';
        expect(versions.includes(text)).toBe(true);
        expect(ETag).toBe(`"${createHash('md5').update(text).digest('hex')}"`);
      }
    };
    await Promise.all([write(), read()]);
  });

  test('are copied with or without what was said about them', async () => {
    const described = { ContentType: 'text/csv', Metadata: { a: '1' } };
    await local.client.send(
      new PutObjectCommand({ ...lake, Key: 'from ü', Body: 'x', ...described }),
    );
    const CopySource = `lake/${encodeURIComponent('from ü')}`;
    const { CopyObjectResult } = await local.client.send(
      new CopyObjectCommand({ ...lake, Key: 'to', CopySource }),
    );
    expect(await local.client.send(new HeadObjectCommand({ ...lake, Key: 'to' }))).toMatchObject({
      ...described,
      ETag: CopyObjectResult?.ETag,
    });
    await local.client.send(
      new CopyObjectCommand({
        ...lake,
        Key: 'to',
        CopySource,
        MetadataDirective: 'REPLACE',
        ContentType: 'a/b',
      }),
    );
    expect(await local.client.send(new HeadObjectCommand({ ...lake, Key: 'to' }))).toMatchObject({
      ContentType: 'a/b',
      Metadata: {},
    });
    const noText = new CopyObjectCommand({ ...lake, Key: 'to', CopySource: 'lake/%ed%a0%80' });
    await expect(local.client.send(noText)).rejects.toMatchObject({ name: 'InvalidURI' });
    const again = new CopyObjectCommand({ ...lake, Key: 'to', CopySource: 'lake/to' });
    expect(await code(local.client.send(again))).toBe('InvalidRequest');
    const absent = new CopyObjectCommand({ ...lake, Key: 'to', CopySource: 'lake/absent' });
    expect(await code(local.client.send(absent))).toBe('NoSuchKey');
  });
});

describe('conditional reads', () => {
  test.each([
    ['if-match', 'the etag', 200],
    ['if-match', '"other"', 412],
    ['if-match', '*', 200],
    ['if-none-match', 'the etag', 304],
    ['if-none-match', '"other"', 200],
    ['if-modified-since', 'Wed, 01 Jan 2020 00:00:00 GMT', 200],
    ['if-modified-since', 'Wed, 01 Jan 2120 00:00:00 GMT', 304],
    ['if-unmodified-since', 'Wed, 01 Jan 2020 00:00:00 GMT', 412],
    ['if-unmodified-since', 'Wed, 01 Jan 2120 00:00:00 GMT', 200],
  ])('%s: %s is answered with %d', async (name, value, status) => {
    const { ETag = '' } = await local.put('k', 'hello');
    const headers = { [name]: value === 'the etag' ? ETag : value };
    const answer = await local.raw('GET', '/lake/k', { headers });
    expect(answer.status).toBe(status);
    expect((await local.raw('HEAD', '/lake/k', { headers })).status).toBe(status);
    if (status === 304) expect(answer).toMatchObject({ body: '', headers: { etag: ETag } });
  });
});

describe('DeleteObjects', () => {
  test('takes a thousand keys, whatever they hold', async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `<k>&"${i}"`);
    await local.put(keys[7]!, 'x');
    const Objects = keys.map((Key) => ({ Key }));
    const { Deleted, Errors } = await local.client.send(
      new DeleteObjectsCommand({ ...lake, Delete: { Objects } }),
    );
    expect(Errors).toBeUndefined();
    expect(Deleted?.map(({ Key }) => Key)).toEqual(keys);
    expect(readdirSync(join(local.folder, 'lake'))).toEqual([]);
  });

  test('tells which of them failed', async () => {
    await local.put('k', 'x');
    const Objects = [{ Key: 'k', ETag: '"other"' }, { Key: 'gone' }];
    const { Errors } = await local.client.send(
      new DeleteObjectsCommand({ ...lake, Delete: { Objects, Quiet: true } }),
    );
    expect(Errors).toMatchObject([{ Key: 'k', Code: 'PreconditionFailed' }]);
    expect(await local.get('k')).toBe('x');
  });
});
