import { readdirSync } from 'node:fs';
import { copyWorkspace, workspace } from '../testing/workspace-copy';

/**
 * Everything except build outputs, because tests compare the tables into which the generator writes with the whole
 * workspace.
 */
const copied = [
  ...readdirSync(workspace).filter(
    (name) => !/^(?:\.git|\.nx|\.sluice|dist|node_modules)$/.test(name),
  ),
];

const copy = copyWorkspace(copied);
afterAll(() => copy.remove());

test('what is generated passes the checks of its project, of its stack and of the tables that it is in', () => {
  copy.generate('app', [{ name: 'made-here' }]);

  // Its bundle, and the template of its stack, are made offline.
  const targets = ['lint', 'typecheck', 'test', 'build', 'synth'];
  expect(copy.nx('run-many', '-t', ...targets, '-p', 'made-here')).toMatch(/Successfully ran/);
  expect(copy.nx('typecheck', 'infra')).toMatch(/Successfully ran/);
  const jest = (project: string, ...specs: readonly string[]): string =>
    copy.run(
      'node_modules/jest/bin/jest.js',
      ...['--config', 'jest.preset.js', '--rootDir', project, ...specs],
    );
  jest('apps/infra', 'src/security.spec.ts', 'src/stacks/stacks.spec.ts', '-t', 'IAM|nag|alarms');
  jest('apps/infra', 'src/deployment.spec.ts');
  jest('tools/workspace', 'src/affected.spec.ts', 'src/codeowners.spec.ts', 'src/rooms.spec.ts');
  copy.checkFormat('apps', 'tools/workspace/src', 'docs/runbooks');
}, 600_000);
