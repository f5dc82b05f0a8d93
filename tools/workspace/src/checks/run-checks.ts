import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { CheckOutcome, CheckTask } from './check-project';

/** A further process parses the libraries' declarations again, which fewer projects than this don't repay. */
const projectsWorthAProcess = 3;

/**
 * Runs checks in as many processes as there are cores and yields each outcome as it comes. The checks of one project
 * share a process, and so its program.
 *
 * @throws where a process dies: its unfinished tasks have no outcome
 */
export async function* runChecks(options: {
  readonly workspaceRoot: string;
  readonly tasks: readonly CheckTask[];
  /** A module that answers each list of tasks with their outcomes and then with `done`. */
  readonly workerFile: string;
}): AsyncGenerator<CheckOutcome> {
  const { workspaceRoot, tasks, workerFile } = options;
  const queue = largestProjectsFirst(workspaceRoot, tasks);
  const processes = Math.min(
    availableParallelism(),
    Math.ceil(queue.length / projectsWorthAProcess),
  );
  const outcomes = new PassThrough({ objectMode: true });
  Promise.all(
    Array.from({ length: processes }, () => work({ workspaceRoot, workerFile, queue, outcomes })),
  ).then(
    () => outcomes.end(),
    (error: unknown) => outcomes.destroy(error as Error),
  );
  yield* outcomes as AsyncIterable<CheckOutcome>;
}

/** One process, until the queue is empty. */
async function work(options: {
  readonly workspaceRoot: string;
  readonly workerFile: string;
  readonly queue: (readonly CheckTask[])[];
  readonly outcomes: PassThrough;
}): Promise<void> {
  const { workspaceRoot, workerFile, queue, outcomes } = options;
  const worker = fork(workerFile, { cwd: workspaceRoot });
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

/** The tasks by project. A large project that starts last would leave the other processes waiting. */
function largestProjectsFirst(
  workspaceRoot: string,
  tasks: readonly CheckTask[],
): (readonly CheckTask[])[] {
  const files = (project: string): number =>
    readdirSync(join(workspaceRoot, project, 'src'), { recursive: true }).length;
  return [...new Set(tasks.map(({ project }) => project))]
    .map((project) => ({ project, size: files(project) }))
    .sort((a, b) => b.size - a.size)
    .map(({ project }) => tasks.filter((task) => task.project === project));
}
