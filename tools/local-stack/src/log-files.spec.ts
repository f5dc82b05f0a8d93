import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LogFiles } from './log-files';

const root = mkdtempSync(join(tmpdir(), 'sluice-logs-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => join(root, String(++folders));
const warnings: string[] = [];
beforeEach(() => void warnings.splice(0));
const warn = (sentence: string): void => void warnings.push(sentence);

describe('log files', () => {
  test('keep every line of each logger, over a restart too', async () => {
    const folder = newFolder();
    for (const run of ['1', '2']) {
      const logs = new LogFiles({ folder, warn });
      for (let n = 0; n < 100; n++) logs.logger('a')(`${run}:${n}`);
      logs.logger('b')('once\n');
      await logs.close();
    }
    expect(readFileSync(join(folder, 'a.log'), 'utf8').trimEnd().split('\n')).toEqual(
      ['1', '2'].flatMap((run) => Array.from({ length: 100 }, (_, n) => `${run}:${n}`)),
    );
    expect(readFileSync(join(folder, 'b.log'), 'utf8')).toBe('once\nonce\n');
    expect(warnings).toEqual([]);
  });

  test('stay below their bound, with the newest lines, in order', async () => {
    const folder = newFolder();
    const logs = new LogFiles({ folder, maxBytes: 1_000, warn });
    const log = logs.logger('a');
    for (let n = 0; n < 1_000; n++) {
      log(String(n).padStart(9, '0'));
      if (n % 20 === 0) await delay(1);
    }
    await logs.close();
    const read = (name: string): string =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
    const kept = `${read('a.1.log')}${read('a.log')}`.trimEnd().split('\n').map(Number);
    expect(read('a.1.log').length + read('a.log').length).toBeLessThan(4_000);
    expect(kept.at(-1)).toBe(999);
    expect(kept).toEqual(Array.from(kept, (_, index) => 1_000 - kept.length + index));
    expect(warnings).toEqual([]);
  });

  test('keep the lines that come while several files in a row are full', async () => {
    const folder = newFolder();
    const logs = new LogFiles({ folder, maxBytes: 1_000, warn });
    const log = logs.logger('a');
    for (let n = 0; n < 1_000; n++) log(String(n).padStart(9, '0'));
    await logs.close();
    expect(readFileSync(join(folder, 'a.1.log'), 'utf8').trimEnd().split('\n').map(Number)).toEqual(
      Array.from({ length: 100 }, (_, index) => 900 + index),
    );
    expect(warnings).toEqual([]);
  });

  test('that can not be written lose lines, say so once, and end nothing', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'taken.log'), { recursive: true });
    const logs = new LogFiles({ folder, warn });
    logs.logger('taken')('lost');
    await delay(50);
    logs.logger('taken')('lost too');
    logs.logger('fine')('kept');
    await logs.close();
    expect(warnings).toEqual([expect.stringMatching(/^logs can't be written to .*EISDIR/)]);
    expect(readFileSync(join(folder, 'fine.log'), 'utf8')).toBe('kept\n');
  });

  test('that are closed before they could be opened say so too', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'taken.log'), { recursive: true });
    const logs = new LogFiles({ folder, warn });
    logs.logger('taken')('lost');
    await logs.close();
    expect(warnings).toEqual([expect.stringMatching(/^logs can't be written to .*EISDIR/)]);
  });

  // The device that is always full; a system without it skips what needs one.
  const onLinux = existsSync('/dev/full') ? test : test.skip;
  onLinux('on a full disk lose lines, say so once, and end nothing', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    symlinkSync('/dev/full', join(folder, 'a.log'));
    const logs = new LogFiles({ folder, warn });
    for (let n = 0; n < 10; n++) logs.logger('a')('x'.repeat(100_000));
    await delay(100);
    await logs.close();
    expect(warnings).toEqual([expect.stringContaining('ENOSPC')]);
  });

  test('in a folder that can not be made say so, and end nothing', async () => {
    const file = newFolder();
    writeFileSync(file, '');
    const logs = new LogFiles({ folder: join(file, 'logs'), warn });
    logs.logger('a')('lost');
    await logs.close();
    expect(warnings).toEqual([expect.stringMatching(/^logs can't be written/)]);
  });
});
