import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { workspaceRoot } from '@sluice/infra/synthesise';
import type { Browser, Page } from 'playwright-core';
import { keyboardFaults } from './keyboard';

export interface CheckConsoleOptions {
  readonly browser: Browser;
  /** Address of the console, including the token. */
  readonly address: string;
  /** Address that takes spans. */
  readonly traces: string;
  /** Data directory of the stack. */
  readonly dataDir: string;
  /** Folder for pictures. @default none are taken */
  readonly pictures: string | undefined;
  readonly say: (line: string) => void;
}

/** A page of the console that is being checked, step by step. */
export interface ConsoleWalk {
  readonly page: Page;
  /** A sentence for each failure so far. */
  readonly faults: readonly string[];
  /** Does a step of the check; a failure is noted, and does not end the check. */
  readonly step: (name: string, work: () => Promise<void>) => Promise<void>;
  /** Takes a picture for the documents, where these are wanted. */
  readonly picture: (name: string) => Promise<void>;
  /** Opens a page by its link in the navigation. */
  readonly open: (name: string) => Promise<void>;
  /** Checks the page as it is now with axe. */
  readonly accessible: (name: string) => Promise<void>;
  /** Checks the page as it is now with axe, and walks through it by Tab. */
  readonly usable: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const patienceMs = Number(process.env['PATIENCE_MS'] ?? 60_000);

/** Opens an empty page in dark colours, whose scripts' errors become faults. */
export async function startWalk({
  browser,
  pictures,
  say,
}: Pick<CheckConsoleOptions, 'browser' | 'pictures' | 'say'>): Promise<ConsoleWalk> {
  const faults: string[] = [];
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    colorScheme: 'dark',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      /Content Security Policy|TrustedHTML|TypeError/.test(message.text())
    )
      faults.push(`the browser says: ${message.text().slice(0, 300)}`);
  });
  page.on('pageerror', (error) => faults.push(`a script failed: ${error.message.slice(0, 300)}`));
  const step = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      say(`ok    ${name}`);
    } catch (error) {
      // The message on the page, if there is one.
      const told = (await page.getByRole('alert').allTextContents()).map((text) => `; ${text}`);
      faults.push(`${name}: ${(error as Error).message.split('\n')[0] ?? ''}${told.join('')}`);
      say(`FAIL  ${name}: ${(error as Error).message}${told.join('')}`);
    }
  };
  const picture = async (name: string): Promise<void> => {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `console-${name}.png`) });
  };
  const open = async (name: string): Promise<void> => {
    await page
      .getByRole('navigation')
      .getByRole('link', { name: new RegExp(`^${name}`) })
      .click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  const accessible = (name: string): Promise<void> =>
    step(`axe finds nothing on ${name}`, async () => {
      const found = await axeFindings(page);
      if (found.length > 0) throw new Error(found.join('; '));
    });

  const usable = async (name: string): Promise<void> => {
    await accessible(name);
    await step(`Tab reaches all of ${name}, and shows where it is`, async () => {
      const found = await keyboardFaults(page);
      if (found.length > 0) throw new Error(found.join('; '));
    });
  };
  return { page, faults, step, picture, open, accessible, usable, close: () => context.close() };
}

async function axeFindings(page: Page): Promise<readonly string[]> {
  const source = readFileSync(
    createRequire(join(workspaceRoot(), 'package.json')).resolve('axe-core/axe.min.js'),
    'utf8',
  );
  await page.evaluate(source);
  const violations = await page.evaluate<readonly Violation[]>(
    'axe.run().then(({ violations }) => violations)',
  );
  return violations.map(
    ({ id, nodes }) =>
      `${id} (${nodes.length}): ${nodes[0]?.html.slice(0, 140) ?? ''} ${nodes[0]?.failureSummary?.split('\n')[1] ?? ''}`,
  );
}

/** A violation in axe's results (axe-core API, "Results object"). */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
