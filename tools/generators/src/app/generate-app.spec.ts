import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logger, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { generateApp } from './generate-app';

const workspace = join(__dirname, '../../../..');

/** Files of the workspace that the generator edits. */
const edited = [
  'apps/infra/project.json',
  'apps/infra/src/security.spec.ts',
  'apps/infra/src/sluice-app.ts',
  'docs/architecture.md',
  'docs/runbooks/README.md',
  'tools/workspace/src/affected.spec.ts',
  'tools/workspace/src/owners.ts',
];

const tree = (): Tree => {
  const made = createTreeWithEmptyWorkspace({ formatter: 'none' });
  for (const file of edited) made.write(file, readFileSync(join(workspace, file)));
  return made;
};

beforeEach(() => {
  jest.spyOn(logger, 'info').mockReturnValue();
});

// The app of the guide may be in the workspace, so the names are others.
describe('npx nx g @sluice/generators:app', () => {
  test('gives an app the files of every app, and enters it where the workspace asks for it', async () => {
    const made = tree();
    await generateApp(made, { name: 'made-here', team: '@sluice/specs' });
    expect(made.children('apps/made-here/src').sort()).toEqual([
      'handler.spec.ts',
      'handler.ts',
      'made-here.spec.ts',
      'made-here.ts',
      'main.ts',
      'telemetry.ts',
    ]);
    const source = (file: string) => made.read(file, 'utf8');
    expect(source('apps/infra/src/sluice-app.ts')).toMatch(
      /'made-here': MadeHereStack,\s+'ingest-gateway'/,
    );
    expect(source('apps/infra/src/security.spec.ts')).toContain("'MadeHere/Function/Role'");
    expect(source('apps/infra/project.json')).toContain('"made-here"');
    expect(source('docs/architecture.md')).toContain(
      '| [`made-here`](../apps/made-here/README.md) | app | made here: ',
    );
    expect(source('docs/runbooks/README.md')).toContain(
      '[made-here-failing](made-here-failing.md)',
    );
    expect(source('tools/workspace/src/affected.spec.ts')).toMatch(/infra: \[[^\]]*'made-here'/);
    expect(source('CODEOWNERS')).toMatch(/^\/apps\/made-here\/ +@sluice\/specs$/m);
  });

  test.each([
    ['Row counts', /can't be the name of an app/],
    ['lookup-api', /There is an app "lookup-api" already/],
  ])('refuses the name %s', async (name, message) => {
    const made = tree();
    made.write('apps/lookup-api/project.json', '{}');
    await expect(generateApp(made, { name })).rejects.toThrow(message);
  });

  test('refuses a team that owns something, and files that look otherwise than it knows', async () => {
    await expect(generateApp(tree(), { name: 'a', team: '@sluice/lookup' })).rejects.toThrow(
      /owns something already/,
    );
    const made = tree();
    made.write('docs/runbooks/README.md', '# Runbooks');
    await expect(generateApp(made, { name: 'a' })).rejects.toThrow(
      'docs/runbooks/README.md does not look as expected',
    );
  });
});
