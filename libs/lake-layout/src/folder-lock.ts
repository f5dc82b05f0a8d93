import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A lock file that this process holds. */
export interface FolderLock {
  /** Releases the lock. Does nothing where another process holds it by now. */
  release(): void;
}

/** Identity of a process, which no other process has, even one with the same id before or after it. */
interface LockOwner {
  readonly pid: number;
  /** Start of the process; null where the system does not report it. */
  readonly started: string | null;
}

/**
 * Takes a lock file, or returns the id of the running process that holds it.
 *
 * The file identifies its owner by process id and start time, because an id is reused after a restart, in another
 * container or on another machine, and a process that only waits to be reaped holds no lock. A file without a valid
 * owner is ignored.
 *
 * @throws the file system's error where the file can't be written
 */
export function takeFolderLock(file: string): FolderLock | { readonly heldBy: number } {
  const own = ownText();
  for (;;) {
    try {
      writeFileSync(file, own, { flag: 'wx' });
      return {
        release: () => {
          if (readIfThere(file) === own) rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = readIfThere(file);
    if (found === undefined) continue;
    const owner = found === own ? undefined : ownerOf(found);
    if (owner && isOwnerRunning(owner)) return { heldBy: owner.pid };
    removeStale(file, found);
  }
}

/** Returns the id of the running process that holds a lock file; undefined where none does. */
export function folderLockHolder(file: string): number | undefined {
  const owner = ownerOf(readIfThere(file) ?? '');
  return owner && isOwnerRunning(owner) ? owner.pid : undefined;
}

/** Decides whether a process with this id exists, of any user, and has not ended. */
export const isRunning = (pid: number): boolean => processStart(pid) !== undefined;

/**
 * Removes a stale lock file. Another process may have replaced it in the meantime, so the file is moved aside and
 * checked before it is deleted.
 */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(file, aside);
    if (readIfThere(aside) !== stale) linkSync(aside, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

let known: string | undefined;

const ownText = (): string =>
  (known ??= JSON.stringify({
    pid: process.pid,
    started: processStart(process.pid)?.token ?? null,
  } satisfies LockOwner));

function ownerOf(text: string): LockOwner | undefined {
  try {
    const { pid, started } = JSON.parse(text) as Partial<LockOwner>;
    return Number.isInteger(pid) && Number(pid) > 0 && started !== undefined
      ? { pid: Number(pid), started }
      : undefined;
  } catch {
    return undefined;
  }
}

function isOwnerRunning({ pid, started }: LockOwner): boolean {
  const found = processStart(pid);
  return (
    found !== undefined &&
    (started === null || found.token === undefined || found.token === started)
  );
}

/**
 * Returns a token for the start of a process that no other process with its id has; no token where the system does
 * not report it. Undefined where there is no such process, or it has ended and was not reaped.
 */
function processStart(pid: number): { readonly token?: string } | undefined {
  if (!exists(pid)) return undefined;
  try {
    if (process.platform === 'linux') {
      // proc(5): the name in parentheses may contain anything; the state follows it, and the start is the 20th field
      // after it.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (isEnded(fields[0])) return undefined;
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return { token: `${boot} ${fields[19] ?? ''}` };
    }
    if (process.platform === 'win32') return {};
    const [state, ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env['PATH'] },
    })
      .trim()
      .split(/\s+/);
    return isEnded(state) ? undefined : { token: started.join(' ') };
  } catch {
    return {};
  }
}

const isEnded = (state = ''): boolean => /^[ZX]/.test(state);

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
