import ts from 'typescript';
import type { CheckResult } from './check-projects';
import type { ProjectConfig } from './plan-programs';

/** Returns what `tsc` says of the project's own files. Those of the projects that it imports are their own checks' matter. */
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
