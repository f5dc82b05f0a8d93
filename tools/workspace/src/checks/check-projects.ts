import ts from 'typescript';
import { checkLint } from './check-lint';
import { checkTypes } from './check-types';
import { readProjectConfig } from './plan-programs';

/** One check of one project: an Nx task. */
export interface CheckTask {
  readonly id: string;
  readonly check: 'types' | 'lint';
  /** The project's root, relative to the workspace's. */
  readonly project: string;
}

export interface CheckResult {
  readonly success: boolean;
  /** Output for the user; empty where nothing is wrong. */
  readonly terminalOutput: string;
}

export interface CheckOutcome {
  readonly task: string;
  /** Result of the check, with times in milliseconds since 1970. */
  readonly result: CheckResult & { readonly startTime: number; readonly endTime: number };
}

/** Runs the requested checks of projects that form one program, in order. */
export async function* checkProjects(
  workspaceRoot: string,
  tasks: readonly CheckTask[],
): AsyncGenerator<CheckOutcome> {
  let startTime = Date.now();
  const roots = [...new Set(tasks.map(({ project }) => project))];
  const configs = new Map(roots.map((root) => [root, readProjectConfig(workspaceRoot, root)]));
  const options = configs.values().next().value?.options ?? {};
  const program = ts.createProgram({
    rootNames: [...configs.values()].flatMap(({ ownFiles }) => ownFiles),
    options,
    // Sets each node's parent, because typescript-eslint walks up the tree.
    host: ts.createCompilerHost(options, true),
  });
  for (const { id, check, project } of tasks) {
    const config = configs.get(project);
    if (!config) throw new Error(`no tsconfig was read for ${project}`);
    const result =
      check === 'types'
        ? checkTypes(program, config, workspaceRoot)
        : await checkLint(program, project, workspaceRoot);
    const endTime = Date.now();
    yield { task: id, result: { ...result, startTime, endTime } };
    startTime = endTime;
  }
}
