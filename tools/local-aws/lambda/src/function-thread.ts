import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { maxPayloadBytes, type FunctionErrorType, type FunctionResult } from './function-result';
import {
  threadSource,
  type Invocation,
  type ThreadAnswer,
  type ThreadData,
} from './function-thread-source';

/**
 * Longest start of a function in milliseconds, which is Lambda's own limit. Source: developer guide, "Understanding
 * the Lambda execution environment lifecycle".
 */
const startTimeoutMs = 10_000;

export interface ThreadOptions {
  readonly folder: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/**
 * One execution environment of a function: a thread that takes one invocation at a time. Where several things happen
 * to a start or an invocation, the first one is its outcome.
 */
export class FunctionThread {
  readonly #worker: Worker;
  readonly #log: (line: string) => void;
  /** Resolves to undefined once the module is loaded, or to the failure where it can't be. */
  readonly #started: Promise<FunctionResult | undefined>;
  #settleStart: (failure?: FunctionResult) => void = () => undefined;
  #settle: (result: FunctionResult) => void = () => undefined;
  #isUsable = true;

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
    this.#started = new Promise((resolve) => (this.#settleStart = resolve));
    const timer = setTimeout(() => {
      this.#fail('StartFailed', `loading the function took more than ${startTimeoutMs} ms`);
    }, startTimeoutMs);
    void this.#started.then(() => clearTimeout(timer));
    this.#worker.on('message', (answer: ThreadAnswer) => this.#accept(answer));
    this.#worker.once('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#fail(
        isMemory ? 'OutOfMemory' : 'Unhandled',
        isMemory ? `the function used more than ${memoryMb} MB of memory` : error.message,
      );
    });
    this.#worker.once('exit', (code) => {
      const message = `the function's process ended with exit code ${code}`;
      const isSudden = this.#isUsable;
      this.#fail('Exited', message);
      if (isSudden) log(message);
    });
  }

  /** False once the thread has ended or is being ended. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  async invoke({
    timeoutMs,
    ...invocation
  }: Omit<Invocation, 'remainingMs'> & { readonly timeoutMs: number }): Promise<FunctionResult> {
    // Loading the module does not count towards the function's timeout.
    const failure = await this.#started;
    if (failure) return failure;
    const endMs = performance.now() + timeoutMs;
    const timer = setTimeout(() => {
      this.#fail('Timeout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`);
    }, timeoutMs);
    try {
      return await new Promise<FunctionResult>((resolve) => {
        this.#settle = resolve;
        if (this.#isUsable)
          this.#worker.postMessage({
            ...invocation,
            remainingMs: endMs - performance.now(),
          } satisfies Invocation);
        else resolve(ended);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    this.#isUsable = false;
    await this.#worker.terminate();
  }

  #accept(answer: ThreadAnswer): void {
    switch (answer.type) {
      case 'ready':
        this.#settleStart();
        return;
      case 'result': {
        const bytes = Buffer.byteLength(answer.payload);
        this.#settle(
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
          this.#settle({ ok: false, errorType: 'Unhandled', message: text });
        else this.#fail('Unhandled', text);
      }
    }
  }

  /** Ends the thread; whatever waits for it fails with this reason. */
  #fail(errorType: FunctionErrorType, message: string): void {
    this.#settleStart({ ok: false, errorType: 'StartFailed', message });
    this.#settle({ ok: false, errorType, message });
    void this.close();
  }
}

const ended: FunctionResult = {
  ok: false,
  errorType: 'Exited',
  message: "the function's process ended between two invocations",
};
