import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FunctionErrorType, FunctionResult } from './function-result';
import {
  threadSource,
  type Invocation,
  type ThreadAnswer,
  type ThreadData,
} from './function-thread';
import { maxPayloadBytes } from './start-function';

export interface ThreadOptions {
  readonly folder: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/** One execution environment of a function: a thread that takes one invocation at a time. */
export class FunctionThread {
  readonly #worker: Worker;
  readonly #ready: Promise<void>;
  readonly #log: (line: string) => void;
  #isUsable = true;
  #settle: ((result: FunctionResult) => void) | undefined;
  #settleReady: (() => void) | undefined;
  #startFailure: FunctionResult | undefined;

  constructor({ folder, handler, memoryMb, environment, log }: ThreadOptions) {
    const dot = handler.lastIndexOf('.');
    const data: ThreadData = {
      module: pathToFileURL(join(folder, `${handler.slice(0, dot)}.mjs`)).href,
      handlerName: handler.slice(dot + 1),
      memoryMb,
    };
    this.#log = log;
    this.#worker = new Worker(threadSource, {
      eval: true,
      env: environment,
      stdout: true,
      stderr: true,
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      createInterface({ input: stream }).on('line', log);
    this.#ready = new Promise((resolve) => (this.#settleReady = resolve));
    this.#worker.on('message', (answer: ThreadAnswer) => this.#accept(answer));
    this.#worker.once('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#fail(
        isMemory ? 'OutOfMemory' : 'Unhandled',
        isMemory ? `the function used more than ${memoryMb} MB of memory` : error.message,
      );
    });
    this.#worker.once('exit', (code) => {
      this.#fail('Exited', `the function's process ended with exit code ${code}`);
    });
  }

  /** False once the thread has ended or is being ended. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  async invoke({
    timeoutMs,
    ...invocation
  }: Omit<Invocation, 'deadlineMs'> & { readonly timeoutMs: number }): Promise<FunctionResult> {
    // Loading the module is no part of the function's timeout.
    await this.#ready;
    if (this.#startFailure) return this.#startFailure;
    const deadlineMs = Date.now() + timeoutMs;
    const timer = setTimeout(() => {
      this.#fail('Timeout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`);
      void this.close();
    }, timeoutMs);
    try {
      return await new Promise<FunctionResult>((resolve) => {
        this.#settle = resolve;
        this.#worker.postMessage({ ...invocation, deadlineMs } satisfies Invocation);
      });
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }

  async close(): Promise<void> {
    this.#isUsable = false;
    await this.#worker.terminate();
  }

  #accept(answer: ThreadAnswer): void {
    switch (answer.type) {
      case 'ready':
        this.#settleReady?.();
        return;
      case 'result': {
        const bytes = Buffer.byteLength(answer.payload);
        this.#settle?.(
          bytes > maxPayloadBytes
            ? {
                ok: false,
                errorType: 'ResponseTooLarge',
                message: `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${maxPayloadBytes} bytes).`,
              }
            : { ok: true, payload: JSON.parse(answer.payload) as unknown },
        );
        return;
      }
      case 'error': {
        const { name, message, stack } = answer.error;
        for (const line of stack) this.#log(line);
        const text = `${name}: ${message}`;
        if (answer.origin === 'handler')
          this.#settle?.({ ok: false, errorType: 'Unhandled', message: text });
        else {
          this.#fail(answer.origin === 'start' ? 'StartFailed' : 'Unhandled', text);
          void this.close();
        }
      }
    }
  }

  #fail(errorType: FunctionErrorType, message: string): void {
    this.#isUsable = false;
    this.#startFailure ??= { ok: false, errorType: 'StartFailed', message };
    this.#settleReady?.();
    this.#settle?.({ ok: false, errorType, message });
  }
}
