import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Query, QueryEngineOptions, QueryOutcome } from './query-engine';
import type { QueryWorkerRequest, QueryWorkerResponse } from './query-worker';

export interface QueryProcess {
  /** Runs a query. @param signal ends the query, whose outcome is then a failure */
  run(query: Query, signal: AbortSignal): Promise<QueryOutcome>;
  /** Ends the process; running queries fail. */
  close(): Promise<void>;
}

/** Milliseconds without a query after which the process ends to free its memory. */
const idleMs = 60_000;

/** Milliseconds after which a cancelled query that is still running is ended together with its process. */
const cancelMs = 2_000;

/**
 * Returns a runner of queries in a separate process, which is started with the first query, so that a stack without
 * queries never loads the engine.
 *
 * @param script the built `query-worker`
 */
export function startQueryProcess(script: string, options: QueryEngineOptions): QueryProcess {
  const waiting = new Map<string, (outcome: QueryOutcome) => void>();
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;

  const settle = (id: string, outcome: QueryOutcome): void => {
    waiting.get(id)?.(outcome);
    waiting.delete(id);
    if (waiting.size === 0) idle = setTimeout(() => void close(), idleMs).unref();
  };

  const start = (): ChildProcess => {
    // The process gets no environment variables, because queries don't need any.
    const started = fork(script, {
      env: { TZ: 'UTC' },
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    started.on('message', ({ id, outcome }: QueryWorkerResponse) => settle(id, outcome));
    started.on('exit', (code, signal) => {
      if (child === started) child = undefined;
      const message = `the query engine ended with ${signal ?? `code ${String(code)}`}`;
      for (const id of [...waiting.keys()]) settle(id, { ok: false, message });
    });
    send(started, { kind: 'open', options });
    return started;
  };

  const send = (to: ChildProcess, request: QueryWorkerRequest): void => {
    // A process that has just ended can't receive messages; its exit event settles the calls that wait.
    if (to.connected) to.send(request);
  };

  const close = async (): Promise<void> => {
    clearTimeout(idle);
    const running = child;
    child = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };

  return {
    run: (query, signal) =>
      new Promise((resolve) => {
        clearTimeout(idle);
        child ??= start();
        const running = child;
        let kill: NodeJS.Timeout | undefined;
        const cancel = (): void => {
          send(running, { kind: 'cancel', id: query.id });
          kill = setTimeout(() => running.kill('SIGKILL'), cancelMs);
        };
        waiting.set(query.id, (outcome) => {
          clearTimeout(kill);
          signal.removeEventListener('abort', cancel);
          resolve(outcome);
        });
        signal.addEventListener('abort', cancel);
        send(running, { kind: 'run', query });
      }),
    close,
  };
}
