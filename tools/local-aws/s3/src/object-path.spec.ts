import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, S3UnderTest } from './s3-under-test';

const local = new S3UnderTest();

describe('keys', () => {
  test.each(['a//b', '/a', 'a/', 'a/./b', 'a/../b', '..', 'x'.repeat(256), 'a\0b'])(
    '%j, that no file can have, are refused with the reason, and are not there',
    async (key) => {
      const path = `/lake/${encodeURIComponent(key).replace(/%2F/g, '/')}`;
      expect(await local.raw('PUT', path, { body: 'x' })).toMatchObject({
        status: 400,
        body: expect.stringMatching(/<Code>InvalidArgument<.*no file can have this key: .+\./),
      });
      expect(await local.raw('GET', path)).toMatchObject({ status: 404 });
      expect(await local.raw('DELETE', path)).toMatchObject({ status: 204 });
      expect(readdirSync(local.folder).sort()).toEqual(['.s3', 'lake']);
      expect(readdirSync(join(local.folder, 'lake'))).toEqual([]);
    },
  );

  test('that would be a folder of each other are refused', async () => {
    await local.put('a/b', 'x');
    expect(await local.raw('PUT', '/lake/a', { body: 'x' })).toMatchObject({ status: 400 });
    expect(await local.raw('PUT', '/lake/a/b/c', { body: 'x' })).toMatchObject({ status: 400 });
    expect(await local.raw('GET', '/lake/a')).toMatchObject({ status: 404 });
    expect(await local.raw('GET', '/lake/a/b/c')).toMatchObject({ status: 404 });
    expect(readdirSync(join(local.folder, '.s3/incoming'))).toEqual([]);
    expect(await local.get('a/b')).toBe('x');
  });

  test('longer than 1,024 bytes are too long', async () => {
    const key = Array.from({ length: 6 }, () => 'x'.repeat(200)).join('/');
    expect(await code(local.put(key, 'x'))).toBe('KeyTooLongError');
  });

  test.each([
    '/../secret',
    '/%2e%2e/secret',
    '/lake/%2e%2e%2fsecret',
    '/lake/..%2f..%2fsecret',
    '/.s3/incoming/x',
    '/lake%2f../secret',
  ])('never lead out of a bucket: %s', async (path) => {
    writeFileSync(join(local.folder, 'secret'), 'not for you');
    const answer = await local.raw('GET', path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('not for you');
    expect((await local.raw('PUT', path, { body: 'x' })).status).toBeGreaterThanOrEqual(400);
    expect(readFileSync(join(local.folder, 'secret'), 'utf8')).toBe('not for you');
  });

  test('that are no UTF-8 are refused', async () => {
    expect(await local.raw('GET', '/lake/%ff')).toMatchObject({
      status: 400,
      body: expect.stringContaining('InvalidURI'),
    });
  });
});
