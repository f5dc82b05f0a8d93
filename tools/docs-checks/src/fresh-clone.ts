import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const workspace = join(__dirname, '../../..');

export interface Finished {
  readonly code: number | null;
  /** Standard output and errors, as a terminal shows them. */
  readonly output: string;
}

/** A command that keeps running, such as `npm start`. */
export interface Running {
  /**
   * Resolves with the output once it contains the text. Rejects where the command ends before that, or after the
   * time.
   */
  readonly saying: (text: string, withinMs: number) => Promise<string>;
  /** Presses Ctrl-C and waits for the command to end. */
  readonly interrupt: () => Promise<Finished>;
}

/**
 * A checkout of this workspace as a newcomer has it after `npm ci`: the files that git tracks or would add, the
 * packages, and nothing built. It is a repository of its own, with everything committed to its branch `main`.
 */
export class FreshClone {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-clone-')));
  readonly #children = new Set<ChildProcess>();
  readonly #env: NodeJS.ProcessEnv;

  /** @param nxFolder of Nx's cache: an empty one to build everything, or that of an earlier clone */
  constructor(nxFolder: string) {
    // Without the variables that the Nx task of this test has set, and without caches of other checkouts.
    this.#env = {
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith('NX_')),
      ),
      NX_DAEMON: 'false',
      NX_CACHE_DIRECTORY: join(nxFolder, 'cache'),
      NX_WORKSPACE_DATA_DIRECTORY: join(nxFolder, 'workspace-data'),
      INIT_CWD: this.folder,
      // Colour codes would split the words that tests search for.
      NO_COLOR: '1',
    };
    const files = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
      cwd: workspace,
      encoding: 'utf8',
    });
    for (const file of new Set(files.split('\0').filter(Boolean)))
      cpSync(join(workspace, file), join(this.folder, file), { force: true });
    symlinkSync(join(workspace, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
    const git = (...args: readonly string[]): void => {
      execFileSync('git', args, { cwd: this.folder, stdio: 'ignore' });
    };
    git('init', '--initial-branch=main');
    git('add', '--all');
    git('-c', 'user.name=Newcomer', '-c', 'user.email=newcomer@example.com', 'commit', '-m', 'All');
  }

  /**
   * Runs lines in a shell that stops at the first failure, as if they were pasted into a terminal in the clone's
   * folder.
   */
  async run(lines: string): Promise<Finished> {
    const { child, printed } = this.#spawn(lines);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output: printed() };
  }

  /** Starts lines that keep running. */
  start(lines: string): Running {
    const { child, printed } = this.#spawn(lines);
    const closed = once(child, 'close') as Promise<[number | null]>;
    return {
      saying: (text, withinMs) =>
        new Promise((resolve, reject) => {
          const fail = (why: string): void => {
            reject(new Error(`"${text}" was not said ${why}:\n${printed()}`));
          };
          const timer = setTimeout(() => fail(`within ${withinMs} ms`), withinMs);
          const look = (): void => {
            if (!printed().includes(text)) return;
            clearTimeout(timer);
            resolve(printed());
          };
          child.stdout?.on('data', look);
          child.stderr?.on('data', look);
          look();
          void closed.then(() => {
            clearTimeout(timer);
            fail('before the end');
          });
        }),
      interrupt: async () => {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
        const [code] = await closed;
        return { code, output: printed() };
      },
    };
  }

  /** Ends all running commands and deletes the folder. */
  remove(): void {
    for (const { pid } of this.#children)
      if (pid !== undefined)
        try {
          process.kill(-pid, 'SIGKILL');
        } catch {
          // The process has ended.
        }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts a process group, which receives signals as the group of a terminal does. */
  #spawn(lines: string): { child: ChildProcess; printed: () => string } {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', lines], {
      cwd: this.folder,
      env: this.#env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    let output = '';
    const take = (piece: Buffer): void => {
      output += piece.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    return { child, printed: () => output };
  }
}
