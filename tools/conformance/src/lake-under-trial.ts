import { lakeDate } from '@sluice/lake-layout';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pollUntil } from '@sluice/waiting';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import type { Endpoints } from '@sluice/lake';
import { freePorts } from '@sluice/local-stack';
import { runProgram, type Finished } from './run-program';

export interface LakeOptions {
  /** Root of the workspace, whose built programs are used. */
  readonly root: string;
  readonly dataDir: string;
  /** Folder of the inputs. */
  readonly inputs: string;
}

/** A data directory, used by the commands as they are built. */
export class LakeUnderTrial {
  readonly #options: LakeOptions;
  #stack: ChildProcess | undefined;

  constructor(options: LakeOptions) {
    this.#options = options;
  }

  /** Makes one of the inputs the definition of an event type. */
  define(event: string, input: string): void {
    const { definitions } = dataDirectory(this.#options.dataDir);
    mkdirSync(definitions, { recursive: true });
    writeFileSync(join(definitions, `${event}.event.json`), readFileSync(this.input(input)));
  }

  /** Deletes the definition of an event type, so that the next input infers it again. */
  forget(event: string): void {
    rmSync(join(dataDirectory(this.#options.dataDir).definitions, `${event}.event.json`));
  }

  input(name: string): string {
    return join(this.#options.inputs, name);
  }

  /** Makes a file beside the data directory. @returns its path */
  file(name: string, content: string): string {
    const path = join(this.#options.dataDir, '..', name);
    writeFileSync(path, content);
    return path;
  }

  /**
   * Starts the stack, delivering within a second.
   *
   * @param hasSamples true to let it make its samples up
   */
  async start({ hasSamples = false } = {}): Promise<void> {
    const { dataDir } = this.#options;
    const { endpointsFile } = dataDirectory(dataDir);
    const port = String(await freePorts());
    const stack = spawn(
      process.execPath,
      [
        this.#program('local-stack'),
        ...['--port', port, '--data-dir', dataDir, '--buffer-seconds', '1'],
        ...(hasSamples ? [] : ['--no-sample']),
      ],
      { stdio: 'ignore' },
    );
    this.#stack = stack;
    const isReady = (): true | undefined => {
      if (existsSync(endpointsFile)) return true;
      if (stack.exitCode === null) return undefined;
      throw new Error(`the stack ended with ${stack.exitCode}`);
    };
    await pollUntil(isReady, { everyMs: 100 });
  }

  async stop(): Promise<void> {
    if (this.#stack?.exitCode !== null) return;
    const ended = once(this.#stack, 'exit');
    this.#stack.kill('SIGINT');
    await ended;
  }

  get endpoints(): Endpoints {
    const { endpointsFile } = dataDirectory(this.#options.dataDir);
    return JSON.parse(readFileSync(endpointsFile, 'utf8')) as Endpoints;
  }

  /** Runs an operators' command over the data directory. */
  command(...args: readonly string[]): Promise<Finished> {
    return runProgram(process.execPath, [
      this.#program('lake'),
      ...args,
      '--data-dir',
      this.#options.dataDir,
    ]);
  }

  /** Takes an input into an event type whose key is `id`, by a stack that stops afterwards. */
  async once(input: string, event: string): Promise<Finished> {
    return runProgram(process.execPath, [
      this.#program('local-stack'),
      ...['--port', String(await freePorts()), '--data-dir', this.#options.dataDir],
      ...['--once', '--ingest', this.input(input), '--event', event, '--key', 'id'],
    ]);
  }

  /** Returns the rows of a query, as JSON. */
  async sql(query: string): Promise<string> {
    const { code, stdout, stderr } = await this.command('sql', query, '--format', 'json');
    return code === 0 ? stdout.trim() : `exit ${code}: ${stderr}`;
  }

  /** Posts an input. @returns status and answer */
  async post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { ingest, apiKey } = this.endpoints;
    const response = await fetch(`${ingest}/v1/events/${path}`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json', ...headers },
      body,
    });
    return `${response.status} ${await response.text()}`;
  }

  /** Looks an id up until there are rows or an error, for some seconds. @returns status and answer */
  async lookUp(event: string, id: string): Promise<string> {
    const { lookup, apiKey } = this.endpoints;
    let answer = '';
    const rows = async (): Promise<string | undefined> => {
      const response = await fetch(`${lookup}/v1/events/${event}?id=${encodeURIComponent(id)}`, {
        headers: { 'x-api-key': apiKey },
      });
      const text = await response.text();
      answer = `${response.status} ${text}`;
      return text.includes('"count":0') ? undefined : answer;
    };
    return (await pollUntil(rows, { everyMs: 500, withinMs: 30_000 })) ?? answer;
  }

  /** Lays a Parquet file of another writer among the raw files of a table that has some. */
  layAmongRawFiles(table: string, input: string): void {
    const { bucket } = this.endpoints;
    const folder = join(dataDirectory(this.#options.dataDir).objects, bucket, table, 'raw');
    const hour = new Date().toISOString().slice(11, 13);
    const day = join(folder, `dt=${lakeDate(Date.now())}`, `hour=${hour}`);
    mkdirSync(day, { recursive: true });
    copyFileSync(this.input(input), join(day, input));
  }

  /** Runs one of the inputs that are programs, from the root of the workspace. */
  async inputProgram(name: string, ...args: readonly string[]): Promise<Finished> {
    // It imports its neighbours, and is read-only where it lies.
    const folder = join(this.#options.dataDir, '..', 'programs');
    cpSync(this.#options.inputs, folder, { recursive: true });
    return runProgram(process.execPath, [join(folder, name), this.#options.dataDir, ...args], {
      cwd: this.#options.root,
    });
  }

  #program(name: string): string {
    return join(this.#options.root, 'dist', 'tools', name, 'main.mjs');
  }
}
