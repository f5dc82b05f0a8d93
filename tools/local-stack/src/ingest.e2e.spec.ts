// The built command against the built local stack, both as processes of their own.
import { endStacks, file, lookUp, newDataDir, start, type Running } from './stack-under-test';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

jest.setTimeout(180_000);
endStacks();

const program = join(workspaceRoot(), 'dist', 'tools', 'lake', 'main.mjs');
const dataDir = newDataDir();
let stack: Running;
beforeAll(async () => {
  stack = await start(dataDir, '--buffer-seconds', '1');
});
afterAll(async () => {
  await stack.stop();
});

function launch(args: readonly string[], env: NodeJS.ProcessEnv = {}, command = 'ingest') {
  const child: ChildProcess = spawn(process.execPath, [program, command, ...args], {
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout,
    stderr,
    result: command === 'ingest' ? lastLine(stdout) : undefined,
  }));
  return { child, finished };
}

/** Parses the last line of standard output as JSON; undefined where nothing was written. */
const lastLine = (stdout: string): unknown =>
  stdout === '' ? undefined : JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');

const ingest = (...args: string[]) => launch([...args, '--data-dir', dataDir, '--json']).finished;

const ndjson = (name: string, events: readonly object[]): string =>
  file(name, events.map((event) => `${JSON.stringify(event)}\n`).join(''));

const tooWide = (text: string): readonly string[] =>
  text
    .split('\n')
    // Paths and addresses can't be broken.
    .filter(
      (line) =>
        line.length > 80 &&
        !/^ *shop_order\/errors\//.test(line) &&
        !line.includes(dataDir) &&
        !line.includes('/v1/events/'),
    );

test('infers an event type, has the running stack take it up, and counts the rows that came of the file', async () => {
  const named = { 名前: '田中', 住所: '東京', größe: 1.5, grüße: 'moin', Ärger: 1, ärger: 2 };
  const orders = ndjson('orders.ndjson', [
    { orderId: 'o-1', total: 1 },
    { orderId: 'o-2', total: 2, ...named },
    { orderId: 'o-3', total: 3 },
  ]);
  const done = await ingest(orders, '--event', 'shop_order', '--key', 'orderId');
  expect(done).toMatchObject({
    code: 0,
    result: { accepted: 3, rejected: 0, rows: 3, failed: 0 },
  });
  expect(done.stderr).toContain('3 events of orders.ndjson taken: 3 rows of shop_order.');
  expect(done.stderr).toContain("npm run sql -- 'select * from shop_order limit 5'");
  expect(done.stderr).toContain('/v1/events/shop_order?id=o-1');
  expect(tooWide(done.stderr)).toEqual([]);
  // Each name in other letters has a column of its own, in the file, for a look-up and for SQL.
  const [row = {}] = await lookUp(stack, 'shop_order', 'o-2');
  expect(row).toMatchObject({ total: 2, grosse: 1.5, grusse: 'moin', arger: 1, unmapped: null });
  const letters = Object.entries(row).filter(([name]) => /^(c|arger)_[0-9a-z]{7}$/.test(name));
  expect(letters.map(([, value]) => value)).toEqual(['田中', '東京', 2]);
  const columns = letters.map(([name]) => name).join(', ');
  const query = `select grosse, grusse, arger, ${columns} from shop_order where orderid = 'o-2'`;
  const found = await launch([query, '--data-dir', dataDir, '--format', 'csv'], {}, 'sql').finished;
  expect(found.stdout).toMatch(/\r\n1\.5,moin,1,田中,東京,2\r\n$/);
});

test('says what failed, why, and how to replay it; or leaves out what the published schema refuses', async () => {
  const drift = ndjson('drift.ndjson', [
    { orderId: 'o-4', total: 4 },
    { orderId: 5, total: 5 },
    { total: 6 },
  ]);
  const sent = await ingest(drift, '--event', 'shop_order');
  expect(sent).toMatchObject({ code: 1, result: { accepted: 3, rows: 1, failed: 2 } });
  expect(sent.stderr).toMatch(/2 events of shop_order failed[^]*type at \/orderId/);
  expect(sent.stderr).toContain('npm run lake -- replay --event shop_order');
  expect(tooWide(sent.stderr)).toEqual([]);

  const skipped = await ingest(
    drift,
    '--event',
    'shop_order',
    '--invalid',
    'skip',
    '--allow-failed',
  );
  expect(skipped).toMatchObject({
    code: 0,
    result: { accepted: 1, rejected: 2, rows: 1, failed: 2 },
  });
  expect(skipped.stderr).toMatch(/line 2: type at \/orderId/);
  expect(skipped.stderr).toMatch(/no identity/);
});

test('replays events that are fixed on the way, and says how to see the rows that they became', async () => {
  const transform = file(
    'fix.mjs',
    `export default (bytes) => {
      const event = JSON.parse(Buffer.from(bytes).toString());
      return event.orderId === undefined ? undefined : JSON.stringify({ ...event, orderId: 'fixed' });
    };`,
  );
  const options = ['--event', 'shop_order', '--data-dir', dataDir, '--transform', transform];
  const replayed = await launch(options, {}, 'replay').finished;
  // One is left.
  expect(replayed).toMatchObject({ code: 1, stderr: '' });
  expect(replayed.stdout).toMatch(/1\s+records?\s+sent,\s+1\s+left/);
  expect(replayed.stdout).toContain("npm run sql -- 'select * from shop_order limit 5'");
  expect(replayed.stdout).toContain('/v1/events/shop_order?id=fixed');
  expect(tooWide(replayed.stdout)).toEqual([]);
  expect(await lookUp(stack, 'shop_order', 'fixed')).toMatchObject([{ total: 5 }]);
});

test('says at once why the stack does not serve an event type, and the same command works once that is fixed', async () => {
  const broken = join(dataDir, 'event-types', 'broken.event.json');
  writeFileSync(broken, '{');
  const returns = ndjson('returns.ndjson', [{ returnId: 'r-1' }]);
  const args = [returns, '--event', 'shop_return', '--key', 'returnId'];
  const refused = await ingest(...args);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/error: the stack can't serve "shop_return": [^]*broken/);
  expect(tooWide(refused.stderr)).toEqual([]);
  rmSync(broken);
  expect(await ingest(...args)).toMatchObject({ code: 0, result: { accepted: 1, rows: 1 } });
});

test('goes on where it was cut short, so that each event is one row', async () => {
  const count = 30_000;
  const many = file(
    'many.ndjson',
    Array.from({ length: count }, (_, n) => `{"orderId":"m-${n}","total":${n}}\n`).join(''),
  );
  const args = [many, '--event', 'shop_order', '--data-dir', dataDir, '--json'];
  const cut = launch(args);
  const noted = (): boolean =>
    readdirSync(join(dataDir, 'ingests'))
      .filter((name) => name.endsWith('.json'))
      .map(
        (name) =>
          JSON.parse(readFileSync(join(dataDir, 'ingests', name), 'utf8')) as {
            file: string;
            position: number;
          },
      )
      .some((one) => one.file === many && one.position > 0);
  while (!noted() && cut.child.exitCode === null) await delay(10);
  cut.child.kill('SIGINT');
  const first = await cut.finished;
  expect(first.code).toBe(130);
  expect(first.stderr).toMatch(/Cut short: [\d,]+ events/);

  // What the first run sent is delivered, so that the second counts its own rows only.
  await delay(3_000);
  const second = await launch(args).finished;
  expect(second).toMatchObject({ code: 0, result: { accepted: count, rejected: 0, failed: 0 } });
  expect(second.stderr).toMatch(/going on after line [\d,]+/);
  const ids = ['m-0', `m-${count / 2}`, `m-${count - 1}`];
  for (const id of ids) expect(await lookUp(stack, 'shop_order', id)).toHaveLength(1);
});

test('takes a file into a stage by its address and key', async () => {
  const orders = ndjson('stage.ndjson', [
    { orderId: 's-1', total: 1 },
    { orderId: 7, total: 1 },
  ]);
  const { ingest: url, apiKey } = stack.endpoints;
  const into = (event: string, key: string, ...more: string[]) =>
    launch(
      [orders, '--event', event, '--url', `${url}/`, '--data-dir', dataDir, '--json', ...more],
      {
        SLUICE_API_KEY: key,
      },
    ).finished;
  const done = await into('shop_order', apiKey);
  expect(done).toMatchObject({ code: 1, result: { accepted: 2, rows: null, failed: 1 } });
  expect(done.stderr).toMatch(/type at \/orderId[^]*1 of them will fail/);
  expect(await into('shop_order', 'wrong')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: .* refuses the key \(403\)\n$/),
  });
  expect(await into('nothing', apiKey)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: .*has no event type "nothing"; it has .*shop_order/),
  });
  expect(await into('shop_order', apiKey, '--key', 'total')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/has the key "orderId"/),
  });
});

test.each<[string, readonly string[], RegExp]>([
  ['no event type', ['a.ndjson'], /required option '--event/],
  ['an address without a key', ['a.ndjson', '--event', 'a', '--url', 'http://x'], /--api-key/],
  ['no stack', ['a.ndjson', '--event', 'a', '--data-dir', '/nowhere'], /npm start/],
])('refuses %s with a sentence', async (_, args, sentence) => {
  writeFileSync(file('a.ndjson', ''), '{"id":"a"}');
  const { code, stderr } = await launch(args, { SLUICE_API_KEY: undefined }).finished;
  expect(code).toBe(1);
  expect(stderr).toMatch(sentence);
  expect(stderr.split('\n').filter((line) => line.startsWith('error: '))).toHaveLength(1);
});
