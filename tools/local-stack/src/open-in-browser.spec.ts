import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openInBrowser } from './open-in-browser';

const folder = mkdtempSync(join(tmpdir(), 'sluice-open-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Elsewhere the opener is part of the shell, and no program that a test can put in its place.
const opener = { darwin: 'open', linux: 'xdg-open' }[process.platform as string];

(opener === undefined ? test.skip : test)(
  "gives the address to the system's opener, whole",
  async () => {
    const opened = join(folder, 'opened');
    writeFileSync(
      join(folder, opener ?? ''),
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${opened}.part'\nmv '${opened}.part' '${opened}'\n`,
      { mode: 0o755 },
    );
    const address = 'http://127.0.0.1:4000/?a=1&b=2#key=x';
    openInBrowser(address, { PATH: [folder, process.env['PATH']].join(delimiter) });
    const giveUpAtMs = Date.now() + 4_000;
    while (!existsSync(opened) && Date.now() < giveUpAtMs) await delay(10);
    expect(readFileSync(opened, 'utf8')).toBe(`${address}\n`);
  },
);

test('does nothing where the system has no opener', async () => {
  const env = { PATH: join(folder, 'nothing-here') };
  expect(() => openInBrowser('http://127.0.0.1:4000/', env)).not.toThrow();
  // An error of the process would end this test.
  await delay(50);
});
