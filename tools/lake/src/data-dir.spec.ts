import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirError, dataDirCredentials, openDataDir } from './data-dir';

const folder = mkdtempSync(join(tmpdir(), 'sluice-data-dir-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('openDataDir', () => {
  test('is held by one local stack at a time', () => {
    const path = join(folder, 'one');
    openDataDir(path);
    writeFileSync(join(path, 'lock'), JSON.stringify({ pid: process.ppid, started: null }));
    expect(() => openDataDir(path)).toThrow(DataDirError);
    expect(() => openDataDir(path)).toThrow(/a local stack \(process \d+\)/);
    writeFileSync(join(path, 'lock'), '1');
    expect(() => openDataDir(path).release()).not.toThrow();
  });

  test('is taken over from a process that is gone', () => {
    const path = join(folder, 'two');
    openDataDir(path);
    const neverAProcess = 2 ** 30;
    writeFileSync(join(path, 'lock'), JSON.stringify({ pid: neverAProcess, started: null }));
    expect(() => openDataDir(path)).not.toThrow();
  });

  test('refuses a path that can be no folder', () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    expect(() => openDataDir(path)).toThrow(/can't be used as data directory/);
  });

  test('makes credentials once, for its owner only', () => {
    const dataDir = openDataDir(join(folder, 'three'));
    expect(dataDir.isNew).toBe(true);
    const credentials = dataDirCredentials(dataDir);
    expect(dataDirCredentials(dataDir)).toEqual(credentials);
    expect(statSync(join(dataDir.path, 'credentials.json')).mode & 0o777).toBe(0o600);
    expect(openDataDir(dataDir.path).isNew).toBe(false);
  });
});
