// For tests only: the built local stack as a separate process.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pollUntil } from '@sluice/waiting';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import type { Endpoints } from '@sluice/lake';
import { freePorts } from './ports';
import { workspaceRoot } from '@sluice/infra/synthesise';

const program = join(workspaceRoot(), 'dist', 'tools', 'local-stack', 'main.mjs');
const folder = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
const processes: ChildProcess[] = [];

/** Ends, after the tests of a file, all stacks that they started. Call it at the top of the file. */
export function endStacks(): void {
  afterAll(() => {
    for (const process of processes) process.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
}

let dataDirs = 0;
export const newDataDir = (): string => join(folder, `data-${++dataDirs}`);

export const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function launch(args: readonly string[]): {
  child: ChildProcess;
  finished: Promise<Finished>;
  stdout: () => string;
  stderr: () => string;
} {
  // Jest's own copy of the variables, which a test may have changed.
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: process.env });
  processes.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout,
    stderr,
  }));
  return { child, finished, stdout: () => stdout, stderr: () => stderr };
}

/** Decides whether a stack failed because another test took its port between choice and use. */
const foundPortTaken = ({ code, stderr }: Finished): boolean =>
  code === 1 && /^error: port \d+ \(.*\) is taken/m.test(stderr);

export async function run(...args: string[]): Promise<Finished> {
  for (;;) {
    const finished = await launch(['--port', String(await freePorts()), ...args]).finished;
    if (!foundPortTaken(finished)) return finished;
  }
}

/** Waits until a condition holds, for a minute at most; the test asserts the condition afterwards. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await pollUntil(async () => (await isSo()) || undefined, { everyMs: 100, withinMs: 60_000 });
}

export interface Running {
  readonly endpoints: Endpoints;
  /** Returns what the stack has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

/** Starts a stack on an empty lake, unless the data directory has one. */
export const start = (dataDir: string, ...args: string[]): Promise<Running> =>
  startWithSamples(dataDir, '--no-sample', ...args);

export async function startWithSamples(dataDir: string, ...args: string[]): Promise<Running> {
  const { endpointsFile } = dataDirectory(dataDir);
  rmSync(endpointsFile, { force: true });
  for (;;) {
    const port = String(await freePorts());
    const { child, finished, stdout, stderr } = launch([
      ...['--port', port, '--data-dir', dataDir],
      ...args,
    ]);
    await pollUntil(() => existsSync(endpointsFile) || child.exitCode !== null || undefined, {
      everyMs: 50,
    });
    if (existsSync(endpointsFile))
      return {
        endpoints: JSON.parse(readFileSync(endpointsFile, 'utf8')) as Endpoints,
        stdout,
        stderr,
        stop: (signal = 'SIGINT') => {
          child.kill(signal);
          return finished;
        },
      };
    const end = await finished;
    if (!foundPortTaken(end)) throw new Error(end.stderr);
  }
}

export type Row = Readonly<Record<string, unknown>>;

export async function lookUp(
  { endpoints }: Running,
  event: string,
  id: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Row[]> {
  const url = `${endpoints.lookup}/v1/events/${event}?id=${encodeURIComponent(id)}`;
  const response = await fetch(url, {
    headers: { 'x-api-key': endpoints.apiKey, ...headers },
  });
  const body = (await response.json()) as { rows: Row[] };
  expect({ status: response.status, body }).toMatchObject({ status: 200 });
  return body.rows;
}

/** Looks up to 100 ids up in one request. */
export async function lookUpAll(
  { endpoints }: Running,
  event: string,
  ids: readonly string[],
): Promise<readonly Row[]> {
  const response = await fetch(`${endpoints.lookup}/v1/events/${event}/lookup`, {
    method: 'POST',
    headers: { 'x-api-key': endpoints.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ ids, limit: 1_000 }),
  });
  const body = (await response.json()) as { rows: Row[] };
  expect({ status: response.status, body }).toMatchObject({ status: 200 });
  return body.rows;
}

export async function postBatch(
  { endpoints }: Running,
  event: string,
  events: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(`${endpoints.ingest}/v1/events/${event}/batch`, {
    method: 'POST',
    headers: {
      'x-api-key': endpoints.apiKey,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify({ events }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { accepted: number }).accepted;
}

export const lastLine = ({ stdout }: Finished): unknown =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
