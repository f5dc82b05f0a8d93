import { join } from 'node:path';
import ts from 'typescript';

/** Holds what a project's tsconfig says. */
export interface ProjectConfig {
  /** The project's root, relative to the workspace's. */
  readonly root: string;
  readonly options: ts.CompilerOptions;
  readonly ownFiles: readonly string[];
  /** Faults of the tsconfig itself. */
  readonly errors: readonly ts.Diagnostic[];
}

export function readProjectConfig(workspaceRoot: string, root: string): ProjectConfig {
  const unreadable: ts.Diagnostic[] = [];
  const config = ts.getParsedCommandLineOfConfigFile(
    join(workspaceRoot, root, 'tsconfig.json'),
    undefined,
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => unreadable.push(fault) },
  );
  const { options = {}, fileNames = [], errors = [] } = config ?? {};
  return { root, options, ownFiles: fileNames, errors: [...unreadable, ...errors] };
}

/**
 * Decides which projects can be checked as one program and find what each would find alone: those of the same compiler options,
 * none of which declares anything for files that do not import it. One with a faulty tsconfig is a program alone.
 *
 * @returns projects' roots, those of one program together; the program of the most files comes first, as one that
 *   starts last would keep the others waiting
 */
export function planPrograms(
  workspaceRoot: string,
  roots: readonly string[],
): readonly (readonly string[])[] {
  const programs = new Map<string, ProjectConfig[]>();
  for (const root of roots) {
    const config = readProjectConfig(workspaceRoot, root);
    const alone = config.errors.length > 0 || config.ownFiles.some(declaresForOthers);
    const key = alone ? root : JSON.stringify({ ...config.options, configFilePath: '' });
    programs.set(key, [...(programs.get(key) ?? []), config]);
  }
  const files = (program: readonly ProjectConfig[]): number =>
    program.reduce((sum, { ownFiles }) => sum + ownFiles.length, 0);
  return [...programs.values()]
    .sort((a, b) => files(b) - files(a))
    .map((program) => program.map(({ root }) => root));
}

/** Decides whether a program's other files see what a file declares unasked: scripts, `declare module 'name'`, `declare global`. */
function declaresForOthers(path: string): boolean {
  const text = ts.sys.readFile(path) ?? '';
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  return (
    !ts.isExternalModule(file) ||
    file.statements.some(
      (statement) =>
        ts.isModuleDeclaration(statement) &&
        (ts.isStringLiteral(statement.name) || statement.name.text === 'global'),
    )
  );
}
