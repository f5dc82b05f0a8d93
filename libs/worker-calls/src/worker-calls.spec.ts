import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { workerCalls, type WorkerCalls } from './worker-calls';

const workspace = join(__dirname, '../../..');
let folder: string;
let script: URL;
let calls: WorkerCalls<string, string>;

const bundle = (name: string, contents: string): string => {
  const outfile = join(folder, name);
  buildSync({
    stdin: { contents, resolveDir: __dirname, loader: 'ts' },
    tsconfig: join(workspace, 'tsconfig.base.json'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return outfile;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worker-calls-'));
  script = pathToFileURL(
    bundle(
      'worker.mjs',
      `import { answerCalls } from './worker-calls';
       answerCalls((request: unknown) => {
         if (request === 'throw') throw new TypeError('no such thing');
         if (request === 'throw text') throw 'a text';
         if (request === 'exit') process.exit(3);
         if (request === 'unsendable') return { result: () => 1 };
         if (request instanceof Uint8Array) {
           request[0]++;
           return { result: request, transfer: [request.buffer] };
         }
         return { result: 'answer to ' + request };
       });`,
    ),
  );
  calls = workerCalls(script, 'test');
});

afterAll(async () => {
  await calls.close();
  rmSync(folder, { recursive: true });
});

it('answers each call with its own result', async () => {
  const requests = Array.from({ length: 50 }, (_, index) => `call ${index}`);
  expect(await Promise.all(requests.map((request) => calls.call(request)))).toEqual(
    requests.map((request) => `answer to ${request}`),
  );
});

it.each([
  ['throw', 'no such thing'],
  ['throw text', 'a text'],
  ['unsendable', /could not be cloned/],
])('fails the one call at which the worker throws: %s', async (request, message) => {
  const [failed, other] = await Promise.allSettled([calls.call(request), calls.call('b')]);
  expect(failed).toMatchObject({ status: 'rejected', reason: expect.any(Error) });
  expect((failed as PromiseRejectedResult).reason.message).toMatch(message);
  expect(other).toMatchObject({ value: 'answer to b' });
});

it('fails all that wait when the thread ends, and starts another', async () => {
  const failures = await Promise.allSettled([calls.call('exit'), calls.call('b')]);
  for (const failure of failures)
    expect(failure).toMatchObject({ reason: new Error('the test thread ended with 3') });
  expect(await calls.call('again')).toBe('answer to again');
});

it('fails all that wait with what broke the thread down', async () => {
  const broken = pathToFileURL(bundle('broken.mjs', `throw new Error('broken down');`));
  const { call } = workerCalls<string, string>(broken, 'test');
  for (const failure of await Promise.allSettled([call('a'), call('b')]))
    expect(failure).toMatchObject({ reason: { message: 'broken down' } });
});

it('fails a call that can not be sent, and only that', async () => {
  await expect(calls.call((() => 1) as never)).rejects.toThrow(/could not be cloned/);
  expect(await calls.call('next')).toBe('answer to next');
});

it('hands buffers over', async () => {
  const bytes = Uint8Array.of(1, 2);
  const result = await (calls as unknown as WorkerCalls<Uint8Array, Uint8Array>).call(bytes, [
    bytes.buffer,
  ]);
  expect([...result]).toEqual([2, 2]);
  expect(bytes).toHaveLength(0);
});

it('fails whatever waits when it is closed', async () => {
  const closing = workerCalls<string, string>(script, 'test');
  const call = closing.call('a');
  await Promise.all([expect(call).rejects.toThrow('the test thread ended'), closing.close()]);
});

it('says that a script is missing', async () => {
  const absent = workerCalls<string, string>(pathToFileURL(join(folder, 'absent.mjs')), 'test');
  await expect(absent.call('a')).rejects.toThrow(/absent\.mjs/);
  await expect(absent.call('a')).rejects.toThrow(/absent\.mjs/);
});

it('keeps a process alive while a call waits, and not afterwards', () => {
  const program = bundle(
    'program.mjs',
    `import { workerCalls } from './worker-calls';
     const calls = workerCalls<string, string>(new URL(${JSON.stringify(script.href)}), 'test');
     void calls.call('a').then(console.log);`,
  );
  const output = execFileSync(process.execPath, [program], { encoding: 'utf8', timeout: 20_000 });
  expect(output.trim()).toBe('answer to a');
});
