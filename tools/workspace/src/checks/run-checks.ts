import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { availableParallelism } from 'node:os';
import { PassThrough } from 'node:stream';
import type { CheckOutcome, CheckTask } from './check-projects';
import { planPrograms } from './plan-programs';

/**
 * Heap limits of a check's process. Node's own limit is a quarter of the machine's memory; all projects but a few form
 * one program, which takes some 2 GB once linted. With room for what is short-lived it takes a tenth less of the
 * processor's time.
 */
const heapLimits = ['--max-old-space-size=4096', '--max-semi-space-size=64'];

/**
 * Runs checks in as many processes as there are cores, and yields each outcome when it is known. Projects that can be
 * one program share a process, which reads the libraries' declarations and computes each type once for all of them.
 *
 * @throws where a process dies, because its unfinished tasks have no outcome
 */
export async function* runChecks(options: {
  readonly workspaceRoot: string;
  readonly tasks: readonly CheckTask[];
  /** Module that answers each list of tasks with their outcomes and then with `done`. */
  readonly workerFile: string;
}): AsyncGenerator<CheckOutcome> {
  const { workspaceRoot, tasks, workerFile } = options;
  const queue = planPrograms(workspaceRoot, [...new Set(tasks.map(({ project }) => project))]).map(
    (projects) => tasks.filter(({ project }) => projects.includes(project)),
  );
  const processes = Math.min(availableParallelism(), queue.length);
  const outcomes = new PassThrough({ objectMode: true });
  Promise.all(
    Array.from({ length: processes }, () => work({ workspaceRoot, workerFile, queue, outcomes })),
  ).then(
    () => outcomes.end(),
    (error: unknown) => outcomes.destroy(error as Error),
  );
  yield* outcomes as AsyncIterable<CheckOutcome>;
}

/** Runs one process until the queue is empty. */
async function work(options: {
  readonly workspaceRoot: string;
  readonly workerFile: string;
  readonly queue: (readonly CheckTask[])[];
  readonly outcomes: PassThrough;
}): Promise<void> {
  const { workspaceRoot, workerFile, queue, outcomes } = options;
  const worker = fork(workerFile, { cwd: workspaceRoot, execArgv: heapLimits });
  const died = once(worker, 'exit').then(([code, signal]) => {
    throw new Error(
      `A process that checks projects ended with ${String(signal ?? code)}; what it wrote is above.`,
    );
  });
  const finish = async (): Promise<void> => {
    for (let tasks = queue.shift(); tasks; tasks = queue.shift()) {
      worker.send(tasks);
      for await (const [message] of on(worker, 'message')) {
        if (message === 'done') break;
        outcomes.write(message);
      }
    }
  };
  await Promise.race([finish(), died]);
  worker.removeAllListeners('exit');
  worker.kill();
}
