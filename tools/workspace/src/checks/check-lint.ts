import { ESLint } from 'eslint';
import type ts from 'typescript';
import type { CheckResult } from './check-projects';

/**
 * Returns the result of the `eslint` command for a project. Its type-aware rules use the given program instead of
 * creating one.
 */
export async function checkLint(
  program: ts.Program,
  projectRoot: string,
  workspaceRoot: string,
): Promise<CheckResult> {
  const eslint = new ESLint({
    cwd: workspaceRoot,
    overrideConfig: {
      files: ['**/*.ts', '**/*.tsx'],
      languageOptions: { parserOptions: { projectService: false, programs: [program] } },
    },
  });
  const results = await eslint.lintFiles([projectRoot]);
  const formatter = await eslint.loadFormatter('stylish');
  return {
    success: results.every(({ errorCount }) => errorCount === 0),
    terminalOutput: await formatter.format(results),
  };
}
