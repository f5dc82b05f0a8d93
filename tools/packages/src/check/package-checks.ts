import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { Unexpected, type NamedCheck } from '@sluice/checks';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { ConsumedPackage } from './consumed-packages';
import type { EmptyProject } from './empty-project';
import { titleOfPage } from './page-title';

/** Values that the checks of packages share. */
export interface Packages {
  /** Root of the workspace. */
  readonly root: string;
  readonly project: EmptyProject;
}

/** Returns the checks of one package, in their order. */
export const packageChecks = (of: ConsumedPackage): readonly NamedCheck<Packages>[] => [
  { id: `${of.name}.files`, run: ({ project }) => Promise.resolve(filesOf(of, project)) },
  { id: `${of.name}.publint`, run: (packages) => publishedWell(of, packages) },
  { id: `${of.name}.types`, run: ({ project }) => typesResolve(of, project) },
  { id: `${of.name}.esm`, run: ({ project }) => printed(of, project, 'use.mjs') },
  { id: `${of.name}.commonjs`, run: ({ project }) => printed(of, project, 'use.cjs') },
  ...compilations.map(({ as, options, file }): NamedCheck<Packages> => ({
    id: `${of.name}.typescript-${as}`,
    run: async ({ root, project }) => {
      const sources = `consumers/${of.name}/use.ts`;
      await project.run(process.execPath, [
        join(root, 'node_modules/typescript/bin/tsc'),
        ...['--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node'],
        ...['--exactOptionalPropertyTypes', '--lib', 'es2022,dom', '--rootDir', 'consumers'],
        ...[...options, '--outDir', `compiled-${as}`, sources],
      ]);
      // The ending of the file decides what the text is; package.json of the folder says it for all.
      await writeFile(
        join(project.folder, `compiled-${as}`, 'package.json'),
        JSON.stringify({ type: file }),
      );
      return printed(of, project, 'use.js', `compiled-${as}`);
    },
  })),
  ...(of.pageTitle === undefined
    ? []
    : [
        {
          id: `${of.name}.page`,
          run: async ({ project }: Packages) =>
            expected(await titleOfPage(project, `consumers/${of.name}/page.html`), of.pageTitle),
        },
      ]),
];

/** The ways in which TypeScript looks for the types of a package. */
const compilations = [
  {
    as: 'commonjs',
    options: ['--module', 'node16', '--moduleResolution', 'node16'],
    file: 'commonjs',
  },
  {
    as: 'bundler',
    options: ['--module', 'esnext', '--moduleResolution', 'bundler'],
    file: 'module',
  },
] as const;

/** Files that a package may hold: built code, types, and documents. */
const publishable =
  /^(?:[\w-]+\.(?:mjs|cjs|d\.mts|d\.cts|js|event\.json)|README\.md|LICENSE|package\.json)$/;

function filesOf({ name }: ConsumedPackage, { packed }: EmptyProject): string {
  const files = packed[name] ?? [];
  const strange = files.filter((file) => !publishable.test(file));
  if (strange.length > 0) throw new Unexpected(`it holds ${strange.join(', ')}`);
  for (const file of [
    'LICENSE',
    'README.md',
    'index.cjs',
    'index.d.cts',
    'index.d.mts',
    'index.mjs',
  ])
    if (!files.includes(file)) throw new Unexpected(`it has no ${file}`);
  return `${files.length} files`;
}

async function publishedWell({ name }: ConsumedPackage, { root }: Packages): Promise<string> {
  const pkgDir = join(root, 'dist/packages', name);
  const { messages, pkg } = await publint({ pkgDir, pack: 'npm', strict: true });
  const found = messages.map(
    (message) => `${message.type}: ${formatMessage(message, pkg) ?? message.code}`,
  );
  if (found.length > 0) throw new Unexpected(found.join('\n'));
  return 'nothing to say';
}

/** Resolution that no supported Node and no current TypeScript uses: it knows no `exports`. */
const endedResolution = 'node10';

async function typesResolve(
  { name }: ConsumedPackage,
  { tarballs }: EmptyProject,
): Promise<string> {
  const tarball = createPackageFromTarballData(await readFile(tarballs[name] ?? ''));
  // A file for a script tag is imported by nobody, and has no types.
  const analysis = await checkPackage(tarball, { excludeEntrypoints: [/\.js$/] });
  if (analysis.types === false) throw new Unexpected('it has no types');
  const problems = analysis.problems.filter(
    (problem) => !('resolutionKind' in problem && problem.resolutionKind === endedResolution),
  );
  if (problems.length > 0) throw new Unexpected(JSON.stringify(problems));
  return `${Object.keys(analysis.entrypoints).length} entry points`;
}

async function printed(
  { name, prints }: ConsumedPackage,
  project: EmptyProject,
  file: string,
  folder = 'consumers',
): Promise<string> {
  return expected(await project.run(process.execPath, [join(folder, name, file)]), prints);
}

function expected(seen: string, wanted: string | undefined): string {
  if (seen !== wanted) throw new Unexpected(`${seen}, where ${wanted ?? 'nothing'} was expected`);
  return seen;
}
