import { GetObjectCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { code, credentials, lake, signed, S3UnderTest } from './s3-under-test';
import { startS3, type Fault } from './start-s3';

const local = new S3UnderTest();

describe('access', () => {
  const presigned = (accessKeyId: string, date: string): string =>
    `/lake/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${accessKeyId}%2F20260101%2Fus-east-1%2Fs3%2Faws4_request` +
    `&X-Amz-Date=${date}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=0&response-content-type=text%2Fcsv`;
  const amzDate = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');

  test('needs the access key', async () => {
    expect(await local.raw('GET', '/lake/k', { headers: {} })).toMatchObject({
      status: 403,
      body: expect.stringContaining('AccessDenied'),
    });
    const stranger = local.sdk({ credentials: { ...credentials, accessKeyId: 'stranger' } });
    expect(await code(stranger.send(new ListBucketsCommand()))).toBe('InvalidAccessKeyId');
    stranger.destroy();
  });

  test('is given by a presigned link for its time', async () => {
    await local.put('k', 'x');
    expect(
      await local.raw('GET', presigned('sluice', amzDate(Date.now())), { headers: {} }),
    ).toMatchObject({
      status: 200,
      body: 'x',
      headers: { 'content-type': 'text/csv' },
    });
    expect(
      await local.raw('GET', presigned('sluice', amzDate(Date.now() - 901_000)), { headers: {} }),
    ).toMatchObject({ status: 403, body: expect.stringContaining('expired') });
    expect(
      await local.raw('GET', presigned('other', amzDate(Date.now())), { headers: {} }),
    ).toMatchObject({
      status: 403,
    });
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
    const { body } = await local.raw('GET', '/_sluice/stats');
    expect(JSON.parse(body)).toEqual(local.server.stats());
  });

  test('keeps nothing of an upload that breaks off', async () => {
    await new Promise<void>((resolve) => {
      const outgoing = request(local.server.url, {
        method: 'PUT',
        path: '/lake/k',
        headers: { ...signed, 'content-length': '1000' },
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
        { agent, headers: signed },
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
    const again = startS3({ folder: join(local.folder, 'other'), accessKeyId: 'sluice', port });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
