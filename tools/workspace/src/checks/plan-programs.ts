import { join } from 'node:path';
import ts from 'typescript';

/** Content of a project's tsconfig. */
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
 * Decides which projects can be checked as one program with the same findings as alone: those with the same compiler
 * options, none of which declares anything for files that do not import it. A project with a faulty tsconfig is a
 * program of its own.
 *
 * @returns projects' roots, grouped by program; the program with the most files comes first, because it would delay
 * the end if it started last
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

/**
 * Decides whether a file declares something that the program's other files see without importing it: scripts,
 * `declare module 'name'`, `declare global`.
 */
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
