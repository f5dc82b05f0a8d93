import { freePorts } from '@sluice/local-stack';
import type { Endpoints } from '@sluice/lake';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromStack, StackCommand, StackSettings, ToStack } from './stack-messages';

/** Error for a command whose process was killed before it answered. */
export class StackKilledError extends Error {
  override readonly name = 'StackKilledError';
}

interface Incarnation {
  readonly child: ChildProcess;
  readonly ready: Promise<Endpoints>;
  readonly answers: Map<number, (message: FromStack | undefined) => void>;
}

/** Bundle of `stack-process.ts`. */
const program = join(workspaceRoot(), 'dist', 'tools', 'soak', 'stack-process.mjs');

/** A local stack in a separate process, which is killed and started again over the same data directory. */
export class StackUnderFire {
  readonly faults = new Map<string, number>();
  kills = 0;
  /** Number of times that the difference between the stack's clock and the true one changed. */
  clockJumps = 0;
  /** Rejects when a process ends that was not meant to end. */
  readonly broken: Promise<never>;
  readonly #settings: StackSettings;
  readonly #watchers = new Map<string, () => void>();
  #errorsHeld: (key: string) => void = () => undefined;
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

  /** Kills the process without warning, whatever it is doing, and starts a new one. */
  async kill(): Promise<void> {
    const { child } = this.#current;
    this.kills++;
    await end(child);
    this.#current = this.#start();
  }

  /**
   * Waits for a fault of a boundary: a moment in which something is half done. Supports one wait for each boundary at
   * a time.
   */
  nextFault(boundary: 's3' | 'kinesis' | 'function' | 'disk'): Promise<void> {
    return new Promise((resolve) => this.#watchers.set(boundary, resolve));
  }

  /**
   * Waits, after `hold-errors`, until the delivery sends an object of the error output whose answer it will not get.
   *
   * @returns the object's key
   */
  errorsHeld(): Promise<string> {
    return new Promise((resolve) => (this.#errorsHeld = resolve));
  }

  /** Sends a command to the process. @throws {@link StackKilledError} @throws Error with which the command failed */
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

  /** Kills the process for good, where it can't be stopped in an orderly way. */
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
    // Each life gets other faults; the same ones would end each life at the same place.
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
        else if (message.type === 'errors-held') this.#errorsHeld(message.key);
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
