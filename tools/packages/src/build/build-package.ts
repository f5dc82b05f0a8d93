import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type Format, type Metafile } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import {
  entryStem,
  packageManifest,
  packageName,
  type LibraryManifest,
  type WorkspaceManifest,
} from './package-manifest';

/** What a library's project.json says under `metadata.package`. */
export interface PackageSettings {
  /** Source file of each entry point, by its name in `exports`; relative to the library. */
  readonly entries: Readonly<Record<string, string>>;
  /** `neutral` for packages that run in browsers too. */
  readonly platform: 'neutral' | 'node';
  /** A file for a script tag: minified, with everything in it. */
  readonly script?: { readonly source: string; readonly file: string };
  /** Further files to publish, relative to the library. */
  readonly files?: readonly string[];
}

export interface BuildPackageOptions {
  /** Root of the workspace. */
  readonly root: string;
  /** Folder of the library, relative to the root. */
  readonly folder: string;
  /** Folder to write to. What it holds is deleted. */
  readonly output: string;
}

/**
 * Builds the publishable package of a library: its code for ESM and CommonJS with the workspace's libraries bundled
 * and other packages imported, one file of types for each entry point, package.json, README and licence.
 *
 * @throws Error where the library is no package, or imports what it may not
 */
export async function buildPackage({ root, folder, output }: BuildPackageOptions): Promise<void> {
  const library = join(root, folder);
  const { metadata } = await readJson<{ metadata?: { package?: PackageSettings } }>(
    join(library, 'project.json'),
  );
  const settings = metadata?.package;
  if (!settings) throw new Error(`${folder}/project.json has no metadata.package`);
  const { entries, platform, script, files = [] } = settings;
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });

  const entryPoints = Object.fromEntries(
    Object.entries(entries).map(([entry, source]) => [entryStem(entry), join(library, source)]),
  );
  const bundle = async (format: Format, ending: string): Promise<Metafile> => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints,
      outdir: output,
      outExtension: { '.js': ending },
      bundle: true,
      format,
      // esbuild splits ES modules only, so in CommonJS each entry point has its own copy of what they share.
      splitting: format === 'esm',
      chunkNames: '[name]-[hash]',
      platform,
      target,
      // Names that the workspace's paths resolve are bundled; all others are left to npm.
      packages: 'external',
      tsconfig: join(root, 'tsconfig.base.json'),
      charset: 'utf8',
      metafile: true,
      logLevel: 'warning',
    });
    return metafile;
  };
  const imported = [
    ...importedBy(await bundle('esm', '.mjs')),
    ...importedBy(await bundle('cjs', '.cjs')),
    ...(await writeTypes({ library, entryPoints, output })),
  ];
  if (script)
    await build({
      absWorkingDir: root,
      entryPoints: [join(library, script.source)],
      outfile: join(output, script.file),
      bundle: true,
      minify: true,
      format: 'iife',
      platform: 'browser',
      target,
      tsconfig: join(root, 'tsconfig.base.json'),
      legalComments: 'none',
      logLevel: 'warning',
    });

  const manifest = packageManifest({
    library: await readJson<LibraryManifest>(join(library, 'package.json')),
    workspace: await readJson<WorkspaceManifest>(join(root, 'package.json')),
    folder,
    entries,
    imported: [...new Set([...imported, ...(await peersOf(imported, root))])],
    script: script?.file,
    files: files.map((file) => basename(file)),
  });
  await writeFile(join(output, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await copyFile(join(root, 'LICENSE'), join(output, 'LICENSE'));
  await copyFile(join(library, 'README.md'), join(output, 'README.md'));
  for (const file of files) await copyFile(join(library, file), join(output, basename(file)));
}

/** Browsers and Node versions that need no further translation. */
const target = ['es2022', 'node20.19'];

const importedBy = ({ outputs }: Metafile): readonly string[] =>
  Object.values(outputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external === true).map(({ path }) => path),
  );

/** Returns the peer dependencies of imported packages, because some package managers do not install them. */
async function peersOf(imported: readonly string[], root: string): Promise<readonly string[]> {
  const names = new Set(
    imported.filter((module) => !module.startsWith('node:')).map((module) => packageName(module)),
  );
  const peers = await Promise.all(
    [...names].map(async (name) => {
      const file = join(root, 'node_modules', name, 'package.json');
      return (await readJson<{ peerDependencies?: object }>(file)).peerDependencies ?? {};
    }),
  );
  return peers.flatMap((ranges) => Object.keys(ranges));
}

interface TypesOptions {
  /** Folder of the library, whose tsconfig.json says what its code may know. */
  readonly library: string;
  /** Source file of each entry point, by the name of its built files. */
  readonly entryPoints: Readonly<Record<string, string>>;
  readonly output: string;
}

/** Writes the types of each entry point with those of the workspace's libraries bundled. @returns imported modules */
async function writeTypes({
  library,
  entryPoints,
  output,
}: TypesOptions): Promise<readonly string[]> {
  const bundle = await rollup({
    input: entryPoints,
    plugins: [dts({ tsconfig: join(library, 'tsconfig.json') })],
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  const imported: string[] = [];
  for (const ending of ['d.mts', 'd.cts']) {
    const { output: written } = await bundle.write({
      dir: output,
      format: 'es',
      entryFileNames: `[name].${ending}`,
      chunkFileNames: `[name]-[hash].${ending}`,
    });
    const own = new Set(written.map(({ fileName }) => fileName));
    for (const file of written)
      if (file.type === 'chunk')
        imported.push(...file.imports.filter((module) => !own.has(module)));
  }
  await bundle.close();
  return imported;
}

const readJson = async <T>(file: string): Promise<T> =>
  JSON.parse(await readFile(file, 'utf8')) as T;
