import { parentPort, Worker } from 'node:worker_threads';

/**
 * A worker thread that answers requests. It starts with the first request and again after a crash; while idle, it
 * does not keep the process alive.
 */
export interface WorkerCalls<Request, Result> {
  /**
   * Sends a request.
   *
   * @param transfer buffers of the request that are moved to the worker instead of copied; the caller can't use them
   * afterwards
   * @throws Error with the message of what the worker threw, or saying how the thread ended before it had answered
   */
  readonly call: (request: Request, transfer?: readonly ArrayBuffer[]) => Promise<Result>;
  /** Ends the thread. Requests without an answer fail with an error. */
  readonly close: () => Promise<void>;
}

interface NumberedRequest<Request> {
  readonly id: number;
  readonly request: Request;
}

type NumberedAnswer<Result> =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: string };

/**
 * Makes calls to a worker thread whose script calls {@link answerCalls}.
 *
 * @param script the built script
 * @param name of the thread, for messages: "the … thread ended with 1"
 *
 * @example
 * import { workerCalls } from '@sluice/worker-calls';
 * // thumbnails.mjs: answerCalls((png: Uint8Array) => ({ result: thumbnailOf(png) }));
 * const thumbnails = workerCalls<Uint8Array, Uint8Array>(new URL('thumbnails.mjs', import.meta.url), 'thumbnail');
 * const small = await thumbnails.call(new Uint8Array([0x89, 0x50, 0x4e, 0x47]));
 */
export function workerCalls<Request, Result>(
  script: URL,
  name: string,
): WorkerCalls<Request, Result> {
  const waiting = new Map<
    number,
    { readonly resolve: (result: Result) => void; readonly reject: (error: Error) => void }
  >();
  let worker: Worker | undefined;
  let lastId = 0;

  const start = (): Worker => {
    const started = new Worker(script);
    started.unref();
    started.on('message', (answer: NumberedAnswer<Result>) => {
      const caller = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) started.unref();
      if ('error' in answer) caller?.reject(new Error(answer.error));
      else caller?.resolve(answer.result);
    });
    const end = (error: Error): void => {
      if (worker !== started) return;
      worker = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('error', end);
    started.on('exit', (code) => end(new Error(`the ${name} thread ended with ${code}`)));
    return started;
  };

  return {
    call: (request, transfer = []) =>
      new Promise((resolve, reject) => {
        const running = (worker ??= start());
        const id = ++lastId;
        running.postMessage({ id, request } satisfies NumberedRequest<Request>, [...transfer]);
        running.ref();
        waiting.set(id, { resolve, reject });
      }),
    close: async () => {
      await worker?.terminate();
    },
  };
}

/** A worker's answer to one request. */
export interface WorkerAnswer<Result> {
  readonly result: Result;
  /** Buffers of the result that are moved to the caller instead of copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

/** Answers one request in the worker. An error that it throws fails that request alone. */
export type AnswerCall<Request, Result> = (request: Request) => WorkerAnswer<Result>;

/** Answers the calls of {@link workerCalls} in a worker's script, one after another. */
export function answerCalls<Request, Result>(answer: AnswerCall<Request, Result>): void {
  parentPort?.on('message', ({ id, request }: NumberedRequest<Request>) => {
    const send = (answered: NumberedAnswer<Result>, transfer: readonly ArrayBuffer[] = []): void =>
      parentPort?.postMessage(answered, [...transfer]);
    try {
      const { result, transfer } = answer(request);
      send({ id, result }, transfer);
    } catch (error) {
      send({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
}
