import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFunction, type FunctionOptions, type LocalFunction } from './start-function';

const bundle = /* js */ `
  import { existsSync, writeFileSync } from 'node:fs';
  import { threadId } from 'node:worker_threads';
  let calls = 0;
  globalThis.kept = [];
  export const handler = async (event, context) => {
    calls++;
    switch (event.do) {
      case 'echo': return { event, calls };
      case 'environment': return { ...process.env };
      case 'context': return { ...context, left: context.getRemainingTimeInMillis() };
      case 'print': console.log('one\\ntwo'); console.error('three'); return null;
      case 'nothing': return undefined;
      case 'throw': throw new TypeError('no such thing');
      case 'hang': await new Promise((resolve) => setTimeout(resolve, 60_000)); return null;
      case 'spin': for (;;);
      case 'exit': process.exit(3);
      case 'stray': setTimeout(() => { throw new Error('out of the blue'); }); await new Promise(() => setTimeout(() => {}, 60_000)); return null;
      case 'reject': void Promise.reject(new Error('left alone')); await new Promise((resolve) => setTimeout(resolve, 60_000)); return null;
      case 'eat': for (;;) globalThis.kept.push(new Array(1e5).fill(Math.random()));
      case 'large': return 'x'.repeat(7 << 20);
      case 'leave': setTimeout(() => process.exit(1), 20); return null;
      case 'meet':
        writeFileSync(event.folder + event.me, '');
        while (!existsSync(event.folder + event.other)) await new Promise((resolve) => setTimeout(resolve, 5));
        return threadId;
    }
  };
`;

let folder: string;
const started: LocalFunction[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lambda-'));
  writeFileSync(join(folder, 'index.mjs'), bundle);
  writeFileSync(join(folder, 'broken.mjs'), "throw new Error('no configuration')");
});

afterAll(async () => {
  await Promise.all(started.map((fn) => fn.close()));
  rmSync(folder, { recursive: true });
});

const start = (options: Partial<FunctionOptions> = {}): LocalFunction => {
  const fn = startFunction({ name: 'under-test', folder, timeoutMs: 20_000, ...options });
  started.push(fn);
  return fn;
};

describe('a local function', () => {
  test('answers with the JSON of what its handler returns, and stays warm', async () => {
    const fn = start();
    const event = { do: 'echo', text: 'ß\u2028', list: [1, null] };
    expect(await fn.invoke(event)).toEqual({ ok: true, payload: { event, calls: 1 } });
    expect(await fn.invoke(event)).toEqual({ ok: true, payload: { event, calls: 2 } });
    expect(await fn.invoke({ do: 'nothing' })).toEqual({ ok: true, payload: null });
  });

  test('sees its own environment and nothing of the stack', async () => {
    process.env['SLUICE_TEST_SECRET'] = 'of the parent';
    const fn = start({ environment: { STREAM_NAME: 's' } });
    const result = await fn.invoke({ do: 'environment' });
    delete process.env['SLUICE_TEST_SECRET'];
    expect(result).toMatchObject({
      ok: true,
      payload: {
        STREAM_NAME: 's',
        AWS_LAMBDA_FUNCTION_NAME: 'under-test',
        LAMBDA_TASK_ROOT: folder,
      },
    });
    expect(JSON.stringify(result)).not.toMatch(/SLUICE_TEST_SECRET|"PATH"|"HOME"/);
  });

  test('gets a context with its deadline', async () => {
    const result = await start({ memoryMb: 256, timeoutMs: 900_000 }).invoke({ do: 'context' });
    expect(result).toMatchObject({
      ok: true,
      payload: {
        functionName: 'under-test',
        memoryLimitInMB: '256',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:under-test',
      },
    });
    const { left } = (result as unknown as { payload: { left: number } }).payload;
    expect(left).toBeGreaterThan(600_000);
    expect(left).toBeLessThanOrEqual(900_000);
  });

  test('hands every printed line to the log', async () => {
    const lines: string[] = [];
    await new Promise<void>((resolve) => {
      const log = (line: string): void => {
        if (lines.push(line) === 3) resolve();
      };
      void start({ log }).invoke({ do: 'print' });
    });
    expect(lines.sort()).toEqual(['one', 'three', 'two']);
  });

  test.each([
    ['throw', 'Unhandled', /TypeError: no such thing/, 2],
    ['hang', 'Timeout', /timed out after 0\.30 seconds/, 1],
    ['spin', 'Timeout', /timed out/, 1],
    ['exit', 'Exited', /exit code 3/, 1],
    ['stray', 'Unhandled', /out of the blue/, 1],
    ['reject', 'Unhandled', /left alone/, 1],
    ['large', 'ResponseTooLarge', /7340034 bytes/, 2],
  ])(
    'reports "%s" as %s and serves the next invocation',
    async (what, errorType, message, calls) => {
      const fn = start(errorType === 'Timeout' ? { timeoutMs: 300 } : {});
      expect(await fn.invoke({ do: what })).toEqual({
        ok: false,
        errorType,
        message: expect.stringMatching(message),
      });
      // On a slow machine this may take too long as well.
      let next = await fn.invoke({ do: 'echo' });
      while (!next.ok && next.errorType === 'Timeout') next = await fn.invoke({ do: 'echo' });
      expect(next).toMatchObject({ ok: true, payload: { calls } });
    },
  );

  test('starts anew after its process ended between two invocations', async () => {
    let end: (line: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => (end = resolve));
    const fn = start({ concurrency: 1, log: end });
    expect(await fn.invoke({ do: 'leave' })).toEqual({ ok: true, payload: null });
    expect(await ended).toMatch(/ended with exit code 1/);
    expect(await fn.invoke({ do: 'echo' })).toMatchObject({ ok: true, payload: { calls: 1 } });
  });

  test('ends its invocations when it is closed, those that wait too', async () => {
    const fn = start({ concurrency: 1 });
    const invocations = [1, 2].map(() => fn.invoke({ do: 'hang' }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await fn.close();
    for (const result of await Promise.all(invocations))
      expect(result).toMatchObject({
        ok: false,
        errorType: expect.stringMatching(/^(Exited|StartFailed)$/),
      });
    expect(await fn.invoke({ do: 'echo' })).toMatchObject({ ok: false, errorType: 'Exited' });
  });

  test('reports a heap beyond its memory', async () => {
    const fn = start({ memoryMb: 32 });
    expect(await fn.invoke({ do: 'eat' })).toMatchObject({ ok: false, errorType: 'OutOfMemory' });
    expect(await fn.invoke({ do: 'echo' })).toMatchObject({ ok: true });
  });

  test('refuses a payload beyond 6 MB', async () => {
    expect(await start().invoke({ do: 'echo', text: 'x'.repeat(7 << 20) })).toMatchObject({
      ok: false,
      errorType: 'RequestTooLarge',
    });
  });

  test.each([
    ['index.nothing', /nothing is undefined or not exported/],
    ['absent.handler', /absent\.mjs/],
    ['broken.handler', /Error: no configuration/],
  ])('reports the handler %s as a failed start', async (handler, message) => {
    expect(await start({ handler }).invoke({})).toMatchObject({
      ok: false,
      errorType: 'StartFailed',
      message: expect.stringMatching(message),
    });
  });

  test('never begins what nobody waits for any more', async () => {
    const fn = start({ concurrency: 1 });
    const first = fn.invoke({ do: 'echo' });
    const caller = new AbortController();
    const second = fn.invoke({ do: 'echo' }, caller.signal);
    const third = fn.invoke({ do: 'echo' });
    caller.abort();
    expect(await second).toMatchObject({
      ok: false,
      message: 'nobody waits for under-test any more',
    });
    expect(await Promise.all([first, third])).toMatchObject([
      { payload: { calls: 1 } },
      { payload: { calls: 2 } },
    ]);
  });

  test('runs as many invocations at once as it may, and the others after them', async () => {
    const fn = start({ concurrency: 2 });
    const meeting = `${folder}/met-`;
    const threads = await Promise.all(
      // The first two end only while both are under way, and so do the last two.
      [2, 1, 4, 3].map((other, index) =>
        fn.invoke({ do: 'meet', folder: meeting, me: String(index + 1), other: String(other) }),
      ),
    );
    const used = threads.map((result) => (result.ok ? result.payload : result));
    expect(new Set(used).size).toBe(2);
  });
});
