import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReferenceDefinition } from '@sluice/event-schema';
import { buildSync, type Metafile } from 'esbuild';
import { runPutReference } from './run-put-reference';

const workspace = join(__dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'sluice-put-reference-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...args: readonly string[]): Promise<Run> {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const linesOf = ({ mock }: typeof log): string =>
    mock.calls.map(([line]) => `${String(line)}\n`).join('');
  try {
    const status = await runPutReference(args, {});
    return { status, stdout: linesOf(log), stderr: linesOf(error) };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

describe('put-reference', () => {
  test('puts into a stopped local stack, and holds the next file to the definition that it kept', async () => {
    const dataDir = join(folder, 'lake');
    mkdirSync(join(dataDir, 's3', 'bucket'), { recursive: true });
    const endpoints = { s3: 'http://127.0.0.1:9', bucket: 'bucket', region: 'us-east-1' };
    writeFileSync(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
    const first = file('first.csv', 'sku,price\nA1,1.5\n');
    const put = (path: string, ...more: readonly string[]) =>
      run('--name', 'prices', '--file', path, '--data-dir', dataDir, ...more);
    expect(await put(first, '--key', 'sku', '--write-definition')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /put as version \d{8}T\d{9}Z-[0-9a-f]{16}\ndefinition: .*/,
      ) as string,
    });
    const kept = join(dataDir, 'event-types/prices.reference.json');
    expect(JSON.parse(readFileSync(kept, 'utf8')) as ReferenceDefinition).toMatchObject({
      key: 'sku',
    });
    const table = join(dataDir, 's3/bucket/reference/prices/prices.parquet');
    const before = readFileSync(table);
    const second = await put(file('second.csv', 'sku,price\nA1,1.5\nA1,cheap\n'));
    expect(second.status).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toBe(
      'Nothing was written to the reference table "prices":\n' +
        '  line 3, column "price": "cheap": a string where the schema wants a number\n',
    );
    expect(readFileSync(table)).toEqual(before);
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
    expect(await put(first, '--write-definition')).toMatchObject({
      status: 1,
      stderr: 'the reference table "prices" has a definition already\n',
    });
  });

  test.each<[readonly string[], RegExp]>([
    [['--name', 'match_event_latest', '--dry-run'], /also that of the event type "match_event"/],
    [['--name', '../x', '--dry-run'], /"\.\.\/x" can't be the name of a reference table/],
    [['--name', 'x'], /^name the bucket of the lake with --bucket, or the data directory/],
    [['--name', 'x', '--bucket', 'a', '--data-dir', 'b'], /^name one lake/],
    [['--name', 'x', '--data-dir', join(folder, 'none')], /^no local stack has run on/],
    [['--name', 'x', '--dry-run', '--write-definition'], /^name the folder for the definition/],
  ])('refuses %j in a sentence', async (args, sentence) => {
    const rows = file('rows.csv', 'a\n1\n');
    const { status, stderr } = await run('--file', rows, ...args);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/ at .*:\d+/);
    expect(status).toBe(1);
  });
});

describe('put-reference as a program', () => {
  const bundles = 'dist/tools/put-reference-under-test';
  const main = `${bundles}/index.mjs`;
  let outputs: Metafile['outputs'];

  beforeAll(() => {
    // As the workspace's executor of command lines bundles it, beside node_modules, where it finds its packages.
    ({ outputs } = buildSync({
      absWorkingDir: workspace,
      entryPoints: { index: join(__dirname, 'cli.ts') },
      outdir: bundles,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      tsconfig: join(workspace, 'tsconfig.base.json'),
      logLevel: 'warning',
      metafile: true,
    }).metafile);
  });
  afterAll(() => rmSync(join(workspace, bundles), { recursive: true }));

  const program = (...args: readonly string[]): Run => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(workspace, main), ...args],
      { encoding: 'utf8', env: { PATH: process.env['PATH'] } },
    );
    return { status, stdout, stderr };
  };

  test('reports and writes nothing in a dry run', () => {
    const prices = file('prices.csv', 'sku,price\n007,1.5\n');
    const { status, stdout } = program('--name', 'prices', '--file', prices, '--dry-run');
    expect(stdout).toMatch(/│ sku +│ string │ 0 +│ sku +│ text +│/);
    expect(stdout).toContain('prices: 1 rows, 2 columns, no key');
    expect(stdout).toContain('nothing was written (--dry-run)');
    expect(status).toBe(0);
  }, 120_000);

  test('says on standard error what is wrong, and fails', () => {
    expect(program('--name', 'x', '--file', file('x.csv', 'a\n1\n'))).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^name the bucket of the lake with --bucket, .*\n$/) as string,
    });
  }, 120_000);

  test('loads what reads and writes Parquet, and the SDK, only once the command line is accepted', () => {
    const loaded = (path: string, dynamic: boolean): readonly string[] =>
      (outputs[path]?.imports ?? []).flatMap((each) => {
        if (each.kind === 'dynamic-import' && !dynamic) return [];
        return each.external ? [each.path] : loaded(each.path, dynamic);
      });
    const heavy = ['@aws-sdk/client-s3', 'apache-arrow', 'csv-parse', 'parquet-wasm'];
    expect(loaded(main, true)).toEqual(expect.arrayContaining(heavy));
    for (const name of heavy) expect(loaded(main, false)).not.toContain(name);
  });
});
