import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '@sluice/terminal/command-line';
import { openDataDirLake } from './open-lake';

const folder = mkdtempSync(join(tmpdir(), 'sluice-open-lake-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A data directory as a local stack leaves it. */
function dataDirWith(s3: string): string {
  const dataDir = mkdtempSync(join(folder, 'data-'));
  mkdirSync(join(dataDir, 's3', 'lake'), { recursive: true });
  const endpoints = {
    s3,
    bucket: 'lake',
    region: 'us-east-1',
    accessKeyId: 'a',
    secretAccessKey: 's',
  };
  writeFileSync(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
  return dataDir;
}

/** Nothing listens there. */
const silent = 'http://127.0.0.1:9';
const lockOf = (dataDir: string): string => join(dataDir, 'lock');
/** A process that runs, and is not this one; `null` is what a system writes that knows no start times. */
const someoneElse = JSON.stringify({ pid: process.ppid, started: null });
/** A number larger than any process id (proc(5), pid_max). */
const nobody = JSON.stringify({ pid: 4194305, started: null });
const lockedBy = (dataDir: string): number =>
  (JSON.parse(readFileSync(lockOf(dataDir), 'utf8')) as { readonly pid: number }).pid;

describe('the lake of a local stack', () => {
  test('that is stopped is its files, locked until the lake is closed', async () => {
    const dataDir = dataDirWith(silent);
    const lake = await openDataDirLake(dataDir);
    expect(lockedBy(dataDir)).toBe(process.pid);
    await lake.store.put('reference/x/x.parquet', Buffer.from('rows'));
    await lake.close();
    expect(existsSync(lockOf(dataDir))).toBe(false);
    expect(readFileSync(join(dataDir, 's3/lake/reference/x/x.parquet'), 'utf8')).toBe('rows');
  });

  test('that was killed is its files too', async () => {
    const dataDir = dataDirWith(silent);
    writeFileSync(lockOf(dataDir), nobody);
    const lake = await openDataDirLake(dataDir);
    expect(lockedBy(dataDir)).toBe(process.pid);
    await lake.close();
  });

  test('that runs is reached through its S3, and its lock is left alone', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url?.split('?')[0] ?? ''}`);
      response.setHeader('etag', '"e"').end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const dataDir = dataDirWith(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    writeFileSync(lockOf(dataDir), someoneElse);
    try {
      const lake = await openDataDirLake(dataDir);
      await lake.store.put('k', Buffer.from('rows'));
      await lake.close();
      expect(asked).toEqual(['PUT /lake/k']);
      expect(readFileSync(lockOf(dataDir), 'utf8')).toBe(someoneElse);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('is waited for while another command writes its files', async () => {
    const dataDir = dataDirWith(silent);
    const first = await openDataDirLake(dataDir);
    const second = openDataDirLake(dataDir);
    await first.close();
    await (await second).close();
    writeFileSync(lockOf(dataDir), someoneElse);
    await expect(openDataDirLake(dataDir, { patienceMs: 0 })).rejects.toThrow(
      `process ${process.ppid} works on ${dataDir}, and no lake answers at ${silent}; try again`,
    );
  });

  test('is not there before a stack ran', async () => {
    await expect(openDataDirLake(join(folder, 'none'))).rejects.toThrow(UsageError);
  });
});
