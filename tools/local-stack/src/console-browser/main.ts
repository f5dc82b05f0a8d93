// Carries out each page's main task in a real browser against a stack of its own: `npx nx run console:browser`, with
// --pictures for the documents' pictures.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { chromium, type Browser } from 'playwright-core';
import { freePorts } from '../ports';
import { checkConsole } from './check-console';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const startMs = 120_000;

async function run(): Promise<number> {
  const executablePath = [process.env['CHROMIUM'] ?? '', ...browsers].find(
    (path) => path !== '' && existsSync(path),
  );
  if (executablePath === undefined) {
    process.stdout.write('skipped: there is no Chromium; install it, or name it in CHROMIUM\n');
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sluice-console-'));
  const program = join(workspaceRoot(), 'dist', 'tools', 'local-stack', 'main.mjs');
  const port = await freePorts();
  const stack = spawn(process.execPath, [program, '--port', String(port), '--data-dir', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let browser: Browser | undefined;
  try {
    await untilReady(stack);
    const { console: address = '' } = JSON.parse(
      readFileSync(join(folder, 'endpoints.json'), 'utf8'),
    ) as { readonly console?: string };
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    });
    const pictures = process.argv.includes('--pictures')
      ? join(workspaceRoot(), 'docs', 'images')
      : undefined;
    const faults = await checkConsole({
      browser,
      address,
      pictures,
      say: (line) => void process.stdout.write(`${line}\n`),
    });
    process.stdout.write(`${JSON.stringify({ faults })}\n`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await browser?.close();
    stack.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilReady(stack: ChildProcess): Promise<void> {
  let text = '';
  stack.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const endMs = Date.now() + startMs;
  while (Date.now() < endMs) {
    await sleep(200);
    if (text.includes('Sluice is ready')) return;
    if (stack.exitCode !== null) throw new Error(`the stack ended with ${stack.exitCode}`);
  }
  throw new Error('the stack did not become ready');
}

void run().then((code) => {
  process.exitCode = code;
});
