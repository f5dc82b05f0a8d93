import { checkLint } from './check-lint';
import { checkTypes } from './check-types';
import { sharedPrograms } from './shared-programs';

/** One check of one project: an Nx task. */
export interface CheckTask {
  readonly id: string;
  readonly check: 'types' | 'lint';
  /** The project's root, relative to the workspace's. */
  readonly project: string;
}

export interface CheckResult {
  readonly success: boolean;
  /** What a person reads: empty where nothing is wrong. */
  readonly terminalOutput: string;
}

export interface CheckOutcome {
  readonly task: string;
  /** Times in milliseconds since the epoch. */
  readonly result: CheckResult & { readonly startTime: number; readonly endTime: number };
}

/** @returns a function that does the checks asked of one project, on one program made for all of them */
export function projectChecker(
  workspaceRoot: string,
): (tasks: readonly CheckTask[]) => AsyncGenerator<CheckOutcome> {
  const programOf = sharedPrograms(workspaceRoot);
  return async function* (tasks) {
    let startTime = Date.now();
    const [first] = tasks;
    if (!first) return;
    const project = programOf(first.project);
    for (const task of tasks) {
      const result =
        task.check === 'types'
          ? checkTypes(project, workspaceRoot)
          : await checkLint(project.program, task.project, workspaceRoot);
      const endTime = Date.now();
      yield { task: task.id, result: { ...result, startTime, endTime } };
      startTime = endTime;
    }
  };
}
