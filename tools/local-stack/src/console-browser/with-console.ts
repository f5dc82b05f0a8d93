import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { pollUntil } from '@sluice/waiting';
import type { Browser } from 'playwright-core';
import { freePorts } from '../ports';
import { launchChromium } from './chromium';

/** A console in a browser, with a stack of its own. */
export interface RunningConsole {
  readonly browser: Browser;
  /** Address of the console, with the token. */
  readonly address: string;
  /** Address that takes spans. */
  readonly traces: string;
  /** Data directory of the stack. */
  readonly dataDir: string;
  /** Moment at which the stack's program was started. */
  readonly startedMs: number;
}

const startMs = 120_000;

export interface ConsoleOptions {
  /** Further options of the stack. */
  readonly args?: readonly string[];
  /** True where the browser is measured; the stack then gets a lower priority. @default false */
  readonly isInBackground?: boolean;
  /** Called with the data directory before the stack starts. */
  readonly prepare?: (dataDir: string) => void;
}

/**
 * Starts a stack in a temporary folder and a browser, and calls a function with them. Without Chromium it reports
 * that on standard output instead.
 *
 * @returns the exit code; also 0 where there is no Chromium
 */
export async function withConsole(
  work: (running: RunningConsole) => Promise<number>,
  { args = [], prepare, isInBackground = false }: ConsoleOptions = {},
): Promise<number> {
  const browser = await launchChromium();
  if (!browser) {
    process.stdout.write('skipped: there is no Chromium; install it, or name it in CHROMIUM\n');
    return 0;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-console-'));
  const program = join(workspaceRoot(), 'dist', 'tools', 'local-stack', 'main.mjs');
  let stack: ChildProcess | undefined;
  try {
    prepare?.(dataDir);
    const port = await freePorts();
    const startedMs = Date.now();
    stack = spawn(
      process.execPath,
      [program, '--port', String(port), '--data-dir', dataDir, ...args],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    if (isInBackground) stepBack(stack);
    await untilReady(stack);
    const { console: address = '', traces = '' } = JSON.parse(
      readFileSync(join(dataDir, 'endpoints.json'), 'utf8'),
    ) as { readonly console?: string; readonly traces?: string };
    return await work({ browser, address, traces, dataDir, startedMs });
  } finally {
    stack?.kill('SIGKILL');
    await browser.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Lowers the priority of a process below others, such as the browser that is measured. */
export function stepBack({ pid }: ChildProcess): void {
  if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
}

async function untilReady(stack: ChildProcess): Promise<void> {
  let text = '';
  stack.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const isReady = (): true | undefined => {
    if (text.includes('Sluice is ready')) return true;
    if (stack.exitCode === null) return undefined;
    throw new Error(`the stack ended with ${stack.exitCode}`);
  };
  if (!(await pollUntil(isReady, { everyMs: 200, withinMs: startMs })))
    throw new Error('the stack did not become ready');
}
