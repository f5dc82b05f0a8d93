import { operationsApiDocument } from './openapi';
import { order, TestLake } from './testing';

const document = operationsApiDocument({
  title: 'operations',
  eventTypes: [order],
  functionInvocationUri: 'arn:f',
});

test('each path of the document is one that the function answers', async () => {
  const lake = new TestLake();
  for (const [path, methods] of Object.entries(document.paths)) {
    if (!/^\/v1\/(?!openapi)/.test(path)) continue;
    const [method = ''] = Object.keys(methods).filter((name) => name !== 'options');
    const asked = path.replace('{table}', 'order').replace(/\{(?:id|subject)\}/, 'none');
    const { body } = await lake.ask(method.toUpperCase(), asked);
    expect([path, body['message']]).not.toEqual([
      path,
      expect.stringMatching(/nothing here|is not for this path/),
    ]);
  }
});

test('every operation but a preflight needs a key', () => {
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods))
      if (method !== 'options')
        expect([path, (operation as { security?: unknown }).security]).toEqual([
          path,
          [{ apiKey: [] }],
        ]);
});
