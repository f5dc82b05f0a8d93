import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Starts Chromium without a window: the program that the variable CHROMIUM names, or the one of Debian or Google.
 *
 * @returns undefined where there is none
 */
export async function launchChromium(): Promise<Browser | undefined> {
  const executablePath = [process.env['CHROMIUM'] ?? '', ...programs].find(
    (path) => path !== '' && existsSync(path),
  );
  if (executablePath === undefined) return undefined;
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
}
