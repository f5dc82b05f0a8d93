import { SignatureV4 } from '@smithy/signature-v4';
import { GetObjectCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { NodeSha256 } from '@sluice/local-http/testing';
import { code, credentials, lake, signedHeaders, S3UnderTest } from './s3-under-test';
import { startS3, type Fault } from './start-s3';

const local = new S3UnderTest();

describe('access', () => {
  /** Signs a URL with the SDK's own signer. @returns path and query */
  const presigned = async (
    { secretAccessKey = credentials.secretAccessKey, accessKeyId = credentials.accessKeyId } = {},
    signedAgoMs = 0,
  ): Promise<string> => {
    const { hostname, port } = new URL(local.server.url);
    const signer = new SignatureV4({
      service: 's3',
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey },
      sha256: NodeSha256,
      uriEscapePath: false,
    });
    const { path, query = {} } = await signer.presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname,
        path: '/lake/a%20b%2Bc',
        query: { 'x-id': 'GetObject' },
        // As the SDK's presigner does it.
        headers: {
          host: `${hostname}:${port}`,
          'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
        },
      },
      { expiresIn: 900, signingDate: new Date(Date.now() - signedAgoMs) },
    );
    return `${path}?${new URLSearchParams(query as Record<string, string>).toString()}`;
  };
  const get = (path: string) => local.raw('GET', path, { isSigned: false });

  test('needs the access key and its secret', async () => {
    expect(await get('/lake/k')).toMatchObject({
      status: 403,
      body: expect.stringContaining('AccessDenied'),
    });
    const stranger = local.sdk({ credentials: { ...credentials, accessKeyId: 'stranger' } });
    expect(await code(stranger.send(new ListBucketsCommand()))).toBe('InvalidAccessKeyId');
    const guesser = local.sdk({ credentials: { ...credentials, secretAccessKey: 'guessed' } });
    expect(await code(guesser.send(new ListBucketsCommand()))).toBe('SignatureDoesNotMatch');
    for (const one of [stranger, guesser]) one.destroy();
  });

  test('is given by a presigned link for its time', async () => {
    await local.put('a b+c', 'x');
    expect(await get(await presigned())).toMatchObject({
      status: 200,
      body: 'x',
    });
    expect(await get(await presigned({}, 901_000))).toMatchObject({
      status: 403,
      body: expect.stringContaining('expired'),
    });
    expect(await get(await presigned({ accessKeyId: 'other' }))).toMatchObject({ status: 403 });
    expect(await get(await presigned({ secretAccessKey: 'other' }))).toMatchObject({
      status: 403,
      body: expect.stringContaining('SignatureDoesNotMatch'),
    });
    // A link is one for its object alone.
    await local.put('other', 'y');
    const moved = (await presigned()).replace('a%20b%2Bc', 'other');
    expect(await get(moved)).toMatchObject({ status: 403 });
  });

  test('is refused to pages of other origins and by other names', async () => {
    const asked = (headers: Readonly<Record<string, string>>) =>
      local.raw('GET', '/lake/k', { headers, isSigned: false });
    // Asked for its signature only once it is admitted.
    const admitted = { body: expect.stringContaining('<Code>AccessDenied</Code>') };
    expect(await asked({})).toMatchObject(admitted);
    const refused = await asked({ origin: 'https://elsewhere.example' });
    expect(refused).toMatchObject({ status: 403, body: expect.stringContaining('pages of') });
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
    expect(await asked({ host: 'rebound.example:4602' })).toMatchObject({
      status: 403,
      body: expect.stringContaining('names of this machine only'),
    });
    expect(await asked({ host: 'lake.localhost:4602' })).toMatchObject(admitted);
  });

  test('takes names with every kind of character', async () => {
    for (const key of ['a b/ü+%25&=?#~.txt', "it's (a) *!", 'dt=2026-01-01/é']) {
      await local.put(key, key);
      expect(await local.get(key)).toBe(key);
    }
  });
});

describe('the endpoint', () => {
  test('says what it does not offer', async () => {
    expect(await local.raw('GET', '/lake?versions')).toMatchObject({
      status: 501,
      body: expect.stringContaining('GET bucket versions'),
    });
    expect(await local.raw('PUT', '/lake/k?tagging', { body: 'x' })).toMatchObject({ status: 501 });
    expect(await local.raw('PATCH', '/lake/k')).toMatchObject({ status: 501 });
    expect(await local.raw('GET', '/lake')).toMatchObject({ status: 501 });
    expect(await local.raw('PUT', '/lake')).toMatchObject({ status: 501 });
    expect(await local.raw('GET', '/lake/k?response-content-type=a%2Fb')).toMatchObject({
      status: 501,
      body: expect.stringContaining('GET object response-content-type'),
    });
  });

  test('does what a test asks of it, and an SDK tries again', async () => {
    const faults: Fault[] = [{ status: 503, code: 'SlowDown' }, 'disconnect', { delayMs: 5 }];
    local.fault = ({ operation }) => (operation === 'PutObject' ? faults.shift() : undefined);
    await local.put('k', 'x');
    expect(faults).toEqual([]);
    expect(await local.get('k')).toBe('x');
    expect(local.server.stats().PutObject).toMatchObject({ requests: 3 });
  });

  test('carries out a request whose answer is lost', async () => {
    const faults: Fault[] = ['lose-answer'];
    local.fault = ({ operation }) => (operation === 'PutObject' ? faults.shift() : undefined);
    const answer = local.raw('PUT', '/lake/lost', { body: 'x' });
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await local.get('lost')).toBe('x');
  });

  test('counts requests, and bytes of bodies', async () => {
    await local.put('k', '0123456789');
    await local.client.send(new GetObjectCommand({ ...lake, Key: 'k', Range: 'bytes=-4' }));
    await code(local.get('absent'));
    expect(local.server.stats()).toMatchObject({
      PutObject: { requests: 1, errors: 0, bytesIn: 10 },
      GetObject: { requests: 2, errors: 1 },
    });
  });

  test('keeps nothing of an upload that breaks off', async () => {
    await new Promise<void>((resolve) => {
      const outgoing = request(local.server.url, {
        method: 'PUT',
        path: '/lake/k',
        headers: signedHeaders(local.server.url, 'PUT', '/lake/k', { 'content-length': '1000' }),
      });
      outgoing.on('error', () => resolve());
      outgoing.write('half', () => setTimeout(() => outgoing.destroy(), 20));
    });
    expect(await code(local.get('k'))).toBe('NoSuchKey');
    await local.server.close();
    expect(readdirSync(join(local.folder, '.s3/incoming'))).toEqual([]);
    await local.start();
  });

  test('answers what is under way before it closes, and then closes at once', async () => {
    await local.put('k', 'x');
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    local.fault = () => {
      arrive();
      return { delayMs: 100 };
    };
    const agent = new Agent({ keepAlive: true });
    const status = new Promise((resolve, reject) => {
      const outgoing = request(
        `${local.server.url}/lake/k`,
        { agent, headers: signedHeaders(local.server.url, 'GET', '/lake/k') },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode));
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
    await arrived;
    await local.server.close();
    expect(await status).toBe(200);
    agent.destroy();
    await local.start();
  });

  test('refuses a port that is taken', async () => {
    const port = Number(new URL(local.server.url).port);
    const again = startS3({ folder: join(local.folder, 'other'), credentials, port });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
