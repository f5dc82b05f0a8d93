// Every port of the built local stack, as web pages and broken clients would call it.
import { request } from 'node:http';
import { connect } from 'node:net';
import { endStacks, newDataDir, start, type Running } from './stack-under-test';

jest.setTimeout(120_000);
endStacks();

const page = 'http://console.localhost:4610';

const get = (
  url: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Promise<{ readonly status: number; readonly permits: string | undefined }> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, method }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          permits: answer.headers['access-control-allow-origin'],
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end();
  });

describe('the ports of the local stack', () => {
  let stack: Running;
  beforeAll(async () => {
    stack = await start(newDataDir(), '--allow-origin', page);
  });
  afterAll(async () => {
    expect(await stack.stop()).toMatchObject({ code: 0 });
  });
  const ports = ['ingest', 'lookup', 's3', 'kinesis', 'analytics', 'athena'] as const;

  test.each(ports)(
    '%s answers no page but one that was asked for, under no other name',
    async (port) => {
      const url = stack.endpoints[port];
      for (const headers of [
        { origin: 'https://elsewhere.example' },
        { origin: 'null' },
        { host: `rebound.example:${new URL(url).port}` },
        { 'sec-fetch-site': 'cross-site' },
      ])
        for (const method of ['GET', 'POST', 'OPTIONS'])
          expect(await get(url, headers, method)).toEqual({ status: 403, permits: undefined });
      const preflight = { origin: page, 'access-control-request-method': 'POST' };
      expect(await get(url, preflight, 'OPTIONS')).toEqual({ status: 204, permits: page });
    },
  );

  test.each(ports)('%s outlives what is no request', async (port) => {
    const url = new URL(stack.endpoints[port]);
    const head = `POST / HTTP/1.1\r\nhost: ${url.host}\r\ncontent-length: 1000\r\n`;
    for (const text of [
      `${head}\r\nhalf`,
      head,
      'nothing\r\n\r\n',
      `${head}__proto__: 1\r\nconstructor: 2\r\n\r\n`,
      `GET /%ff%zz?%=%&__proto__=1 HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`,
    ])
      await new Promise<void>((resolve) => {
        const socket = connect(Number(url.port), url.hostname, () => {
          socket.write(text, () => setTimeout(() => socket.destroy(), 30));
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
      });
    expect((await get(url.href, {})).status).toBeGreaterThanOrEqual(400);
  });
});
