import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { NotApplicable } from '@sluice/checks';
import { launchChromium } from '@sluice/local-stack/chromium';
import type { EmptyProject } from './empty-project';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.mjs': 'text/javascript',
  '.js': 'text/javascript',
};
const timeoutMs = 20_000;

/**
 * Opens a page of a project in Chromium and waits until the page sets its title.
 *
 * @returns the title
 * @throws {@link NotApplicable} where there is no Chromium
 */
export async function titleOfPage(
  { folder, gateway }: EmptyProject,
  page: string,
): Promise<string> {
  const browser = await launchChromium();
  if (!browser) throw new NotApplicable('there is no Chromium; install it, or name it in CHROMIUM');
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
    readFile(join(folder, path)).then(
      (bytes) => {
        response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const tab = await browser.newPage();
    const faults: string[] = [];
    tab.on('pageerror', ({ message }) => faults.push(message));
    await tab.goto(`http://127.0.0.1:${port}/${page}?gateway=${encodeURIComponent(gateway.url)}`);
    await tab
      .waitForFunction("document.title !== 'waiting'", undefined, { timeout: timeoutMs })
      .catch(() => undefined);
    return faults[0] ?? (await tab.title());
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
