import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Query, QueryEngineOptions, QueryOutcome } from './query-engine';
import type { QueryWorkerRequest, QueryWorkerResponse } from './query-worker';

export interface QueryProcess {
  /** @param signal ends the query; its outcome is a failure then */
  run(query: Query, signal: AbortSignal): Promise<QueryOutcome>;
  /** Ends the process, and its queries with a failure. */
  close(): Promise<void>;
}

/** Time without a query after which the process ends and its memory is free. */
const idleMs = 60_000;

/** A query that was told to end, and does not, takes the process with it. */
const cancelMs = 2_000;

/**
 * Runs queries in a process that is started at the first one: what never asks never loads the engine.
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
    // No environment: a query has no use for what the shell knows.
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
    // A process that has just ended can't be sent to; its exit answers what waits.
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
