import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { startGateway, type Gateway } from './gateway';

const run = promisify(execFile);

/** A project outside of the workspace that has nothing but the packages, installed from their tarballs. */
export interface EmptyProject {
  readonly folder: string;
  readonly gateway: Gateway;
  /** Paths of the files in each tarball. */
  readonly packed: Readonly<Record<string, readonly string[]>>;
  /** Path of each package's tarball. */
  readonly tarballs: Readonly<Record<string, string>>;
  /** Runs a program in the project. @returns what it printed, without the last line break */
  run(program: string, args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export interface EmptyProjectOptions {
  /** Root of the workspace. */
  readonly root: string;
  /** Names of the built packages. */
  readonly names: readonly string[];
}

/** Packs the built packages, and makes a project that has them installed and the consumers' programs beside them. */
export async function emptyProject({ root, names }: EmptyProjectOptions): Promise<EmptyProject> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-packages-'));
  try {
    return await fillProject(folder, { root, names });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function fillProject(
  folder: string,
  { root, names }: EmptyProjectOptions,
): Promise<EmptyProject> {
  const packed: Record<string, readonly string[]> = {};
  const tarballs: Record<string, string> = {};
  for (const name of names) {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: join(root, 'dist/packages', name),
    });
    const [tarball] = JSON.parse(stdout) as readonly PackedTarball[];
    if (!tarball) throw new Error(`npm packed nothing of ${name}`);
    packed[name] = tarball.files.map(({ path }) => path).sort();
    tarballs[name] = join(folder, tarball.filename);
  }
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'consumer',
      private: true,
      dependencies: Object.fromEntries(
        names.map((name) => [`@sluice/${name}`, `file:${tarballs[name] ?? ''}`]),
      ),
    }),
  );
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', install, { cwd: folder });
  const types = join(folder, 'node_modules/@types');
  await mkdir(types, { recursive: true });
  for (const name of ['@types/node', 'undici-types'])
    await cp(join(root, 'node_modules', name), join(folder, 'node_modules', name), {
      recursive: true,
    });
  await cp(join(root, 'tools/packages/src/consumers'), join(folder, 'consumers'), {
    recursive: true,
  });
  const parquet = join(folder, 'orders.parquet');
  await writeOrders(parquet);
  const gateway = await startGateway();
  const env = { ...process.env, GATEWAY: gateway.url, PARQUET: parquet };
  return {
    folder,
    gateway,
    packed,
    tarballs,
    run: async (program, args) => {
      const { stdout } = await run(program, args, { cwd: folder, env });
      return stdout.trimEnd();
    },
    close: async () => {
      gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface PackedTarball {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Writes a Parquet file of a hundred orders. The writer is DuckDB, so that the reader is tried on another's file. */
async function writeOrders(file: string): Promise<void> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(
    `copy (select 'order-' || i as id, (i * 2)::integer as amount from range(100) orders(i))
     to '${file}' (format parquet, compression zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
}
