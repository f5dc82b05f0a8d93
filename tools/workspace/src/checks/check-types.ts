import ts from 'typescript';
import type { CheckResult } from './check-projects';
import type { ProjectConfig } from './plan-programs';

/**
 * Returns the result of `tsc` for the project's own files. Files of projects that it imports belong to those
 * projects' checks.
 */
export function checkTypes(
  program: ts.Program,
  { ownFiles, errors }: ProjectConfig,
  workspaceRoot: string,
): CheckResult {
  const diagnostics = ts.sortAndDeduplicateDiagnostics([
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...ownFiles.flatMap((path) => {
      const file = program.getSourceFile(path);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    }),
  ]);
  return {
    success: diagnostics.length === 0,
    terminalOutput: ts.formatDiagnostics(diagnostics, {
      getCurrentDirectory: () => workspaceRoot,
      getCanonicalFileName: (path) => path,
      getNewLine: () => '\n',
    }),
  };
}
