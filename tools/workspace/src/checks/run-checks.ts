import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One check of one project: an Nx task. */
export interface CheckTask {
  readonly id: string;
  readonly check: 'types' | 'lint';
  /** The project's root, relative to the workspace's. */
  readonly project: string;
}

export interface CheckOutcome {
  readonly success: boolean;
  /** Faults, a line each; empty where nothing is wrong. */
  readonly terminalOutput: string;
}

/** A fault as oxlint reports it, with its path relative to the workspace's root. */
interface Diagnostic {
  readonly message: string;
  /** `typescript(TS2322)` and `typescript(tsconfig-error)` for types; none for a file that can't be parsed and a comment that turns nothing off. */
  readonly code?: string;
  readonly help?: string;
  readonly filename: string;
  readonly labels: readonly {
    readonly span: { readonly line?: number; readonly column?: number };
  }[];
}

const execFileAsync = promisify(execFile);

/**
 * Runs checks of many projects in one run of oxlint, which reads the libraries' declarations once for all of them.
 *
 * @param workspaceRoot folder with `oxlint.config.mjs`
 * @returns the outcome of each task by its id. A fault belongs to the project whose file it is in, and a fault of a
 *   file of no project to all.
 * @throws with what oxlint wrote, where that is no report
 */
export async function runChecks(options: {
  readonly workspaceRoot: string;
  readonly tasks: readonly CheckTask[];
}): Promise<ReadonlyMap<string, CheckOutcome>> {
  const { workspaceRoot, tasks } = options;
  const roots = [...new Set(tasks.map(({ project }) => project))];
  const diagnostics = await runOxlint(workspaceRoot, roots);
  const projectOf = ({ filename }: Diagnostic): string | undefined =>
    roots.find((root) => filename.startsWith(`${root}/`));
  return new Map(
    tasks.map(({ id, check, project }) => {
      const faults = diagnostics.filter(
        (fault) => checkOf(fault) === check && [project, undefined].includes(projectOf(fault)),
      );
      const terminalOutput = faults.map(describe).join('');
      return [id, { success: faults.length === 0, terminalOutput }];
    }),
  );
}

async function runOxlint(
  workspaceRoot: string,
  roots: readonly string[],
): Promise<readonly Diagnostic[]> {
  const { stdout, stderr } = await execFileAsync(
    process.execPath,
    [
      join(workspaceRoot, 'node_modules/oxlint/bin/oxlint'),
      ...['--config', 'oxlint.config.mjs', '--format', 'json', '--no-error-on-unmatched-pattern'],
      ...roots,
    ],
    { cwd: workspaceRoot, maxBuffer: 256 * 1024 * 1024 },
  ).catch((error: unknown) => error as { readonly stdout?: string; readonly stderr?: string });
  try {
    return (JSON.parse(stdout ?? '') as { readonly diagnostics: readonly Diagnostic[] })
      .diagnostics;
  } catch {
    throw new Error(`oxlint gave no report, but this:\n${stdout ?? ''}${stderr ?? ''}`);
  }
}

/** Returns the check that a fault fails; a file that can't be parsed has a fault of each. */
const checkOf = ({ code = '' }: Diagnostic): CheckTask['check'] =>
  /^typescript\((?:TS\d+|tsconfig-error)\)$/.test(code) ? 'types' : 'lint';

function describe({ filename, labels, message, code, help }: Diagnostic): string {
  const { line, column } = labels[0]?.span ?? {};
  const place = line === undefined ? filename : `${filename}:${line}:${column ?? 1}`;
  return `${place}  ${message}${code === undefined ? '' : `  ${code}`}\n${help === undefined ? '' : `  ${help}\n`}`;
}
