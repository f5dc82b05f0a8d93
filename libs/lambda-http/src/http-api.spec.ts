import { brotliDecompressSync } from 'node:zlib';
import type { HttpRequest, HttpResponse } from './http';
import { httpApi, jsonAnswer, type HttpApiOptions } from './http-api';
import { checkMethod, Problem } from './problem';

const request = (method = 'GET', headers: Readonly<Record<string, string>> = {}): HttpRequest => ({
  method,
  path: '/',
  query: new Map(),
  headers: new Map(Object.entries(headers)),
  body: '',
});

const answerOf = (
  answer: (request: HttpRequest) => HttpResponse,
  options: Partial<HttpApiOptions> = {},
  ...parts: Parameters<typeof request>
): Promise<HttpResponse> =>
  httpApi({ ...options, answer: async (asked) => Promise.resolve(answer(asked)) })(
    request(...parts),
  );

const fails = (error: unknown) => (): never => {
  throw error;
};

it('lets every browser read every answer, problems and failures too', async () => {
  for (const answer of [
    () => jsonAnswer(200, {}),
    fails(new Problem(404, 'none')),
    fails(new Error()),
  ])
    expect((await answerOf(answer)).headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.stringContaining('X-Next-Cursor'),
    });
});

it('answers a problem with its status, its message and its headers', async () => {
  const { status, headers, body } = await answerOf(({ method }) => {
    checkMethod(method, ['POST']);
    return jsonAnswer(200, {});
  });
  expect([status, JSON.parse(String(body))]).toEqual([
    405,
    { message: 'GET is not for this path; use POST' },
  ]);
  expect(headers).toMatchObject({
    allow: 'POST',
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
});

it('tells a client of a failure no more than that, and the app what it was', async () => {
  const errors: unknown[] = [];
  const error = new Error('the bucket is sluice-prod-lake');
  const onError = (what: unknown) => errors.push(what);
  const answer = await answerOf(fails(error), { onError });
  expect([answer.status, answer.body]).toEqual([
    500,
    // With a line feed, for terminals.
    '{"message":"the request failed; try again"}\n',
  ]);
  expect(errors).toEqual([error]);
  await answerOf(fails(new Problem(400, 'no')), { onError });
  expect(errors).toHaveLength(1);
});

it('compresses a larger answer as the client prefers, and says that it depends on that', async () => {
  const members = { text: 'x'.repeat(20_000) };
  const { headers, body } = await answerOf(
    () => jsonAnswer(200, members, { vary: 'accept' }),
    {},
    'GET',
    { 'accept-encoding': 'br' },
  );
  expect(headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept, accept-encoding' });
  expect(JSON.parse(brotliDecompressSync(body).toString())).toEqual(members);
});

it('has no body for HEAD, and the same headers as GET', async () => {
  const big = () => jsonAnswer(200, { text: 'x'.repeat(20_000) });
  const head = await answerOf(big, {}, 'HEAD', { 'accept-encoding': 'gzip' });
  expect(head).toMatchObject({ body: '', headers: { 'content-encoding': 'gzip' } });
});

it('ends Server-Timing with the time in all', async () => {
  const timing = async (headers: Readonly<Record<string, string>>) =>
    (await answerOf(() => jsonAnswer(200, {}, headers))).headers['server-timing'];
  expect(await timing({})).toMatch(/^total;dur=[\d.]+$/);
  expect(await timing({ 'server-timing': 'read;dur=1' })).toMatch(/^read;dur=1, total;dur=[\d.]+$/);
});
