import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderLockHolder, takeFolderLock } from './folder-lock';

const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});
let files = 0;
const newFile = (): string => join(folder, `lock-${++files}`);

/** Returns the lock entry of a running process, as that process itself would write it. */
const lockOf = (pid: number): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return JSON.stringify({ pid, started: `${boot} ${stat.split(') ')[1]!.split(' ')[19]!}` });
};
// Only Linux tells when a process began; elsewhere the lock knows the process id alone, and these are skipped.
const onLinux = process.platform === 'linux' ? test : test.skip;

const sleeper = async (command: readonly string[]): Promise<ChildProcess> => {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child, 'spawn');
  return child;
};

describe('a lock file', () => {
  test('is taken, let go, and taken again by the same process', () => {
    const file = newFile();
    expect(folderLockHolder(file)).toBeUndefined();
    const first = takeFolderLock(file);
    expect(first).toHaveProperty('release');
    expect(folderLockHolder(file)).toBe(process.pid);
    expect(takeFolderLock(file)).toHaveProperty('release');
    if ('release' in first) first.release();
    expect(existsSync(file)).toBe(false);
  });

  onLinux('of a process that runs is left to it', async () => {
    const { pid } = await sleeper(['sleep', '60']);
    const file = newFile();
    writeFileSync(file, lockOf(pid!));
    expect(takeFolderLock(file)).toEqual({ heldBy: pid });
    expect(readFileSync(file, 'utf8')).toBe(lockOf(pid!));
    expect(folderLockHolder(file)).toBe(pid);
  });

  onLinux('of an earlier process with the id of one that runs is free', async () => {
    const { pid } = await sleeper(['sleep', '60']);
    const file = newFile();
    writeFileSync(file, lockOf(pid!).replace(/\d+"\}$/, '1"}'));
    expect(takeFolderLock(file)).toHaveProperty('release');
    // As before start times were written, and as the first process of a container has it.
    for (const text of ['1', String(process.ppid), '', '{', '{"pid":1}']) {
      writeFileSync(file, text);
      expect(folderLockHolder(file)).toBeUndefined();
      expect(takeFolderLock(file)).toHaveProperty('release');
    }
  });

  onLinux('of a process that ended and was not reaped is free', async () => {
    // The shell's child ends; the program that takes the shell's place never waits for it.
    const parent = await sleeper(['sh', '-c', 'sleep 0.2 & echo $!; exec sleep 60']);
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const file = newFile();
    writeFileSync(file, lockOf(pid));
    expect(takeFolderLock(file)).toEqual({ heldBy: pid });
    const state = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0]!;
    while (state() !== 'Z') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(takeFolderLock(file)).toHaveProperty('release');
  });

  test('is not taken away from who has it since', () => {
    const file = newFile();
    const first = takeFolderLock(file);
    writeFileSync(file, 'of somebody else');
    if ('release' in first) first.release();
    expect(readFileSync(file, 'utf8')).toBe('of somebody else');
    expect(readdirSync(folder).filter((name) => name.includes('.'))).toEqual([]);
  });
});
