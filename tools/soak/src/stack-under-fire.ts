import { freePorts } from '@sluice/local-stack';
import type { Endpoints } from '@sluice/lake';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromStack, StackCommand, StackSettings, ToStack } from './stack-messages';

/** The process of the command was killed before it answered. */
export class StackKilledError extends Error {
  override readonly name = 'StackKilledError';
}

interface Incarnation {
  readonly child: ChildProcess;
  readonly ready: Promise<Endpoints>;
  readonly answers: Map<number, (message: FromStack | undefined) => void>;
}

/** The bundle of `stack-process.ts`. */
const program = join(workspaceRoot(), 'dist', 'tools', 'soak', 'stack-process.mjs');

/** A local stack as a process, which is killed and started again over the same data directory. */
export class StackUnderFire {
  readonly faults = new Map<string, number>();
  kills = 0;
  /** Times that the stack's clock was ahead of the true one by something else than before. */
  clockJumps = 0;
  /** Settles where a process ends that nobody ended. */
  readonly broken: Promise<never>;
  readonly #settings: StackSettings;
  readonly #watchers = new Map<string, () => void>();
  #break: (error: Error) => void = () => undefined;
  #aheadMs: number | undefined;
  #asked = 0;
  #isStopping = false;
  #current: Incarnation;

  private constructor(settings: StackSettings) {
    this.#settings = settings;
    this.broken = new Promise((_, reject) => (this.#break = reject));
    this.broken.catch(() => undefined);
    this.#current = this.#start();
  }

  /** Starts a stack on free ports, with buffers of half a second. */
  static async start(settings: Omit<StackSettings, 'port' | 'bufferMs'>): Promise<StackUnderFire> {
    return new StackUnderFire({ ...settings, port: await freePorts(), bufferMs: 500 });
  }

  ready(): Promise<Endpoints> {
    return this.#current.ready;
  }

  /** Kills the process without warning, at whatever it does; a new one takes its place. */
  async kill(): Promise<void> {
    const { child } = this.#current;
    this.kills++;
    await end(child);
    this.#current = this.#start();
  }

  /** Waits for a fault of a boundary: the moment in which something is half done. One wait for each at a time. */
  nextFault(boundary: 's3' | 'kinesis' | 'function' | 'disk'): Promise<void> {
    return new Promise((resolve) => this.#watchers.set(boundary, resolve));
  }

  /** Waits until an object of the error output is stored that the delivery does not know of, after `hold-errors`. */
  errorsHeld(): Promise<void> {
    return new Promise((resolve) => this.#watchers.set('errors', resolve));
  }

  /** @throws {@link StackKilledError} @throws Error what the command failed with */
  async ask(command: StackCommand): Promise<unknown> {
    const { child, ready, answers } = this.#current;
    await ready;
    const id = this.#asked++;
    const message = await new Promise<FromStack | undefined>((resolve) => {
      answers.set(id, resolve);
      child.send({ id, command } satisfies ToStack, (error) => {
        if (error) resolve(undefined);
      });
    });
    answers.delete(id);
    if (message?.type === 'done') return message.result;
    if (message?.type === 'refused') throw new Error(message.message);
    throw new StackKilledError(`the stack was killed at ${command.do}`);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const { child } = this.#current;
    const ended = once(child, 'exit');
    await this.ask({ do: 'stop' });
    await ended;
  }

  /** Kills the process, when an orderly end is out of reach. */
  async abandon(): Promise<void> {
    this.#isStopping = true;
    await end(this.#current.child);
  }

  #count(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.#watchers.get(kind.split(' ')[0] ?? '')?.();
  }

  #follow(aheadMs: number): void {
    if (this.#aheadMs !== undefined && this.#aheadMs !== aheadMs) this.clockJumps++;
    this.#aheadMs = aheadMs;
  }

  #start(): Incarnation {
    // Each life has its own faults: the same ones would end each at the same place.
    const seed = this.#settings.seed + this.kills;
    const child = fork(program, [JSON.stringify({ ...this.#settings, seed })], {
      execArgv: [...process.execArgv, ...(this.#settings.execArgv ?? [])],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const answers: Incarnation['answers'] = new Map();
    const ready = new Promise<Endpoints>((resolve, reject) => {
      child.on('message', (message: FromStack) => {
        if (message.type === 'ready') resolve(message.endpoints);
        else if (message.type === 'fault') this.#count(message.kind);
        else if (message.type === 'clock') this.#follow(message.aheadMs);
        else if (message.type === 'errors-held') this.#watchers.get('errors')?.();
        else answers.get(message.id)?.(message);
      });
      child.once('exit', (code, signal) => {
        reject(new StackKilledError('the stack was killed at its start'));
        for (const settle of answers.values()) settle(undefined);
        if (signal !== 'SIGKILL' && !this.#isStopping)
          this.#break(new Error(`the stack ended by itself with exit code ${code ?? signal}`));
      });
    });
    ready.catch(() => undefined);
    return { child, ready, answers };
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
