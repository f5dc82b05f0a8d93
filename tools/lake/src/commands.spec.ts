// The program as the workspace's executor of command lines bundles it.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync, type Metafile } from 'esbuild';
import { commands } from './commands';

const workspace = join(__dirname, '../../..');
// Beside node_modules, where it finds its packages.
const bundles = 'dist/tools/lake-under-test';
const main = `${bundles}/main.mjs`;
let outputs: Metafile['outputs'];

beforeAll(() => {
  ({ outputs } = buildSync({
    absWorkingDir: workspace,
    entryPoints: { main: join(__dirname, 'main.ts') },
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    tsconfig: join(workspace, 'tsconfig.base.json'),
    // As the banner of the workspace's bundles says.
    define: { __dirname: JSON.stringify(join(workspace, bundles)) },
    logLevel: 'warning',
    metafile: true,
  }).metafile);
});
afterAll(() => rmSync(join(workspace, bundles), { recursive: true }));

const program = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(workspace, main), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
  });
  return { status, stdout, stderr };
};

test.each([[], ['--help']])(
  '%j says which commands there are',
  (...args) => {
    const { status, stdout } = program(...args);
    expect(status).toBe(0);
    for (const name of Object.keys(commands))
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  },
  60_000,
);

test('each command has a help of its own, within 80 columns, and so has each of its commands', async () => {
  const help = async (...names: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(workspace, main), ...names, '--help'],
      { env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' } },
    );
    expect([names, stderr]).toEqual([names, '']);
    expect([names, stdout.split('\n').filter((line) => line.length > 80)]).toEqual([names, []]);
    return stdout;
  };
  const commandsOf = (text: string): readonly string[] => {
    const [list = ''] = text.split('\nCommands:\n')[1]?.split('\n\n') ?? [];
    return [...list.matchAll(/^ {2}(?!help\b)([a-z]\S*)/gm)].map(([, name = '']) => name);
  };
  await Promise.all(
    Object.keys(commands).map(async (name) => {
      const text = await help(name);
      expect(text).toMatch(new RegExp(`^Usage: npm run (?:lake -- )?${name} `));
      await Promise.all(commandsOf(text).map((command) => help(name, command)));
    }),
  );
  expect(commandsOf(await help('event-types'))).toEqual(['list', 'rename', 'delete']);
}, 60_000);

test.each([
  ['an unknown command', ['mend'], "error: unknown command 'mend'\n"],
  ['an unknown option', ['verify', '--fix'], "error: unknown option '--fix'\n"],
  [
    'two lakes',
    ['compact', '--bucket', 'a', '--data-dir', 'b'],
    'error: name one lake: --data-dir or --bucket\n',
  ],
])(
  '%s is a sentence on standard error, and 1',
  (_, args, stderr) => {
    expect(program(...args)).toEqual({ status: 1, stdout: '', stderr });
  },
  60_000,
);

test('what is slow to load is loaded once a command needs it, and a command line is accepted', () => {
  const loaded = (path: string, dynamic: boolean): readonly string[] =>
    (outputs[path]?.imports ?? []).flatMap((each) => {
      if (each.kind === 'dynamic-import' && !dynamic) return [];
      return each.external ? [each.path] : loaded(each.path, dynamic);
    });
  const chunkOf = (source: string): string =>
    Object.keys(outputs).find((path) => outputs[path]?.entryPoint?.endsWith(source)) ?? source;
  const heavy = [
    '@aws-sdk/client-s3',
    'apache-arrow',
    'csv-parse',
    'parquet-wasm',
    '@duckdb/node-api',
  ];
  expect(loaded(main, true)).toEqual(expect.arrayContaining(heavy));
  for (const name of heavy) expect(loaded(main, false)).not.toContain(name);
  for (const command of ['put-reference', 'compact', 'verify', 'backfill'])
    for (const name of heavy) {
      const chunk = chunkOf(`${command}/run-${command}.ts`);
      expect([command, outputs[chunk] === undefined, loaded(chunk, false)]).toEqual([
        command,
        false,
        expect.not.arrayContaining([name]),
      ]);
    }
});

const portOfNobody = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

describe('a replay on a data directory', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-replay-'));
  afterAll(() => rmSync(dataDir, { recursive: true }));
  const replay = () => program('replay', '--event', 'match_event', '--data-dir', dataDir);

  test('that no stack ever ran on says so in one sentence', () => {
    expect(replay()).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: no local stack has used ${dataDir} yet: start one with npm start -- --data-dir ${dataDir}\n`,
    });
  }, 60_000);

  test('whose stack was stopped says what to start, without a stack trace', async () => {
    const port = await portOfNobody();
    const endpoint = `http://127.0.0.1:${port}`;
    writeFileSync(
      join(dataDir, 'endpoints.json'),
      JSON.stringify({
        ...{ s3: endpoint, kinesis: endpoint, bucket: 'lake', region: 'us-east-1' },
        ...{ accessKeyId: 'a', secretAccessKey: 'b' },
      }),
    );
    expect(replay()).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: nothing answers at 127.0.0.1:${port}: start the local stack with npm start -- --data-dir ${dataDir}, and leave it running\n`,
    });
  }, 60_000);
});
