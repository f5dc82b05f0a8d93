import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { signatureV4, startAwsJson, type LocalServer } from '@sluice/local-http';
import * as crypto from 'node:crypto';
import { lambdaApi } from './lambda-api';
import type { LocalFunction } from './start-function';

const functionOf = (invoke: LocalFunction['invoke']): LocalFunction => ({
  name: 'f',
  arn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
  invoke,
  close: () => Promise.resolve(),
});
const functions: readonly LocalFunction[] = [
  functionOf((payload) => Promise.resolve({ ok: true, payload: { got: payload } })),
  {
    ...functionOf(() =>
      Promise.resolve({ ok: false, errorType: 'Timeout', message: 'too slow' } as const),
    ),
    name: 'slow',
  },
];

const credentials = { accessKeyId: 'A', secretAccessKey: 's' };
const told: string[] = [];
let server: LocalServer;
let client: LambdaClient;
beforeAll(async () => {
  server = await startAwsJson({
    credentials,
    permits: (_role, ...permission) => `refused ${permission.join(' ')}`,
    services: [],
    paths: [
      lambdaApi(
        (wanted) => functions.find(({ name }) => name === wanted),
        ({ message }) => told.push(message),
      ),
    ],
    reportError: (error) => {
      throw error;
    },
  });
  client = new LambdaClient({
    region: 'us-east-1',
    endpoint: server.url,
    credentials,
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const invoke = async (FunctionName: string, payload: object = {}) => {
  const answer = await client.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(payload)) }),
  );
  return {
    error: answer.FunctionError,
    payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as unknown,
  };
};

test.each(['f', 'arn:aws:lambda:us-east-1:000000000000:function:f'])(
  'the SDK invokes %s',
  async (name) =>
    expect(await invoke(name, { a: 'é' })).toEqual({
      error: undefined,
      payload: { got: { a: 'é' } },
    }),
);

test.each(['f', 'arn:aws:lambda:us-east-1:000000000000:function:f'])(
  'a role needs to be allowed to invoke %s',
  async (FunctionName) => {
    const role = new LambdaClient({
      region: 'us-east-1',
      endpoint: server.url,
      credentials: signatureV4(crypto, credentials).credentialsOf('operations'),
    });
    await expect(role.send(new InvokeCommand({ FunctionName }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'refused lambda:InvokeFunction arn:aws:lambda:us-east-1:000000000000:function:f',
    });
    role.destroy();
  },
);

test('what a function fails of is its answer', async () =>
  expect(await invoke('slow')).toEqual({
    error: 'Unhandled',
    payload: { errorType: 'Timeout', errorMessage: 'too slow' },
  }));

test('a function that no template has is not found', async () =>
  expect(invoke('other')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  }));

test('a name that is no text is refused', async () => {
  const { answer, path } = lambdaApi(() => undefined);
  const match = path.exec('/2015-03-31/functions/%ed%a0%80/invocations')!;
  await expect(answer(match, Buffer.alloc(0), {})).rejects.toThrow('not UTF-8');
});

test('an invocation of the type Event is taken at once, and what it fails with is told', async () => {
  const send = (FunctionName: string) =>
    client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event' }));
  expect((await send('f')).StatusCode).toBe(202);
  expect((await send('slow')).StatusCode).toBe(202);
  expect(told).toEqual(['slow: Timeout: too slow']);
});
