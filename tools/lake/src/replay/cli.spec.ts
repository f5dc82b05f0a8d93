import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const workspace = join(__dirname, '..', '..', '..', '..');
const bundles = join(workspace, 'dist', 'tools', 'replay-under-test');
const main = join(bundles, 'index.mjs');
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-replay-'));

beforeAll(() => {
  // As the workspace's executor of command lines bundles it, beside node_modules, where it finds its packages.
  buildSync({
    entryPoints: [join(__dirname, 'cli.ts')],
    outfile: main,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    tsconfig: join(workspace, 'tsconfig.base.json'),
    logLevel: 'warning',
  });
});
afterAll(() => {
  rmSync(bundles, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true });
});

const replay = (): {
  readonly status: number | null;
  readonly stdout: string;
  readonly said: string;
} => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [main, '--event', 'match_event', '--data-dir', dataDir],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' } },
  );
  return { status, stdout, said: stderr };
};

const portOfNobody = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

describe('a replay on a data directory', () => {
  test('that no stack ever ran on says so in one sentence', () => {
    expect(replay()).toEqual({
      status: 1,
      stdout: '',
      said: `no local stack runs on ${dataDir}: start it with npm start\n`,
    });
  }, 120_000);

  test('whose stack was stopped says what to start, without a stack trace', async () => {
    const port = await portOfNobody();
    const endpoint = `http://127.0.0.1:${port}`;
    writeFileSync(
      join(dataDir, 'endpoints.json'),
      JSON.stringify({
        s3: endpoint,
        kinesis: endpoint,
        bucket: 'lake',
        region: 'us-east-1',
        accessKeyId: 'a',
        secretAccessKey: 'b',
      }),
    );
    expect(replay()).toEqual({
      status: 1,
      stdout: '',
      said: `nothing answers at 127.0.0.1:${port}: start the local stack on this data directory with npm start, and leave it running\n`,
    });
  }, 120_000);
});
