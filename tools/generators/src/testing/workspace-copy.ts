import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const workspace = join(__dirname, '../../../..');

/** A copy of a part of the workspace, in which generators and targets run as they do for a user. */
export interface WorkspaceCopy {
  readonly folder: string;
  /** Runs a Node program and returns its output. @throws Error with the whole output where the program fails */
  run(program: string, ...args: readonly string[]): string;
  /** Runs a generator as Nx does, once for each of the options. */
  generate(generator: string, options: readonly object[]): void;
  nx(...args: readonly string[]): string;
  /** Checks the format of files without changing them. */
  checkFormat(...files: readonly string[]): void;
  remove(): void;
}

/**
 * Copies files and folders of the workspace into a temporary folder, which uses the same node_modules.
 *
 * @param isCopied decides which files below them are copied
 */
export function copyWorkspace(
  paths: readonly string[],
  isCopied: (file: string) => boolean = () => true,
): WorkspaceCopy {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-generated-')));
  for (const path of paths)
    cpSync(join(workspace, path), join(folder, path), { recursive: true, filter: isCopied });
  symlinkSync(join(workspace, 'node_modules'), join(folder, 'node_modules'), 'junction');

  // As on another machine: without the variables of the task that runs this test, so that its tests are not counted among
  // this workspace's, and without caches of other checkouts.
  const env = {
    ...Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !name.startsWith('NX_') && name !== 'SLUICE_TEST_REPORTS',
      ),
    ),
    NX_DAEMON: 'false',
    NX_SKIP_NX_CACHE: 'true',
    NX_CACHE_DIRECTORY: join(folder, '.nx/cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(folder, '.nx/workspace-data'),
    NX_WORKSPACE_ROOT_PATH: folder,
    INIT_CWD: folder,
  };
  const run = (program: string, ...args: readonly string[]): string => {
    try {
      return execFileSync(process.execPath, [program, ...args], {
        cwd: folder,
        env,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
      throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, {
        cause: error,
      });
    }
  };
  return {
    folder,
    run,
    generate: (generator, options) => {
      run('tools/generators/src/testing/generate.cjs', generator, JSON.stringify(options));
    },
    nx: (...args) => run('node_modules/nx/dist/bin/nx.js', ...args, '--output-style=static'),
    checkFormat: (...files) => {
      run('node_modules/oxfmt/bin/oxfmt', '--check', ...files);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
