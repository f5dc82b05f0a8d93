import { builtinModules } from 'node:module';

/** What a library's own package.json says of its package. */
export interface LibraryManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly sideEffects: boolean | readonly string[];
  readonly publishConfig: { readonly access: string; readonly provenance: boolean };
}

/** What the workspace's package.json says of all packages. */
export interface WorkspaceManifest {
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  /** Repository that a provenance is checked against. `.github/workflows/publish.yml` fills it in. */
  readonly repository?: { readonly type: string; readonly url: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface PackageManifestOptions {
  readonly library: LibraryManifest;
  readonly workspace: WorkspaceManifest;
  /** Folder of the library, relative to the workspace's root. */
  readonly folder: string;
  /** Source file of each entry point, by its name in `exports`, such as `./schema`. */
  readonly entries: Readonly<Record<string, string>>;
  /** Module names that the built files import. */
  readonly imported: readonly string[];
  /** File for a script tag, if the package has one. */
  readonly script?: string | undefined;
  /** Further files that may be imported. */
  readonly files?: readonly string[];
}

/**
 * Returns the package.json of a published package: entry points with types for ESM and for CommonJS, and as
 * dependencies what the built files import.
 *
 * @throws Error where the built files import a package that is not among the workspace's `dependencies`
 */
export function packageManifest({
  library,
  workspace,
  folder,
  entries,
  imported,
  script,
  files = [],
}: PackageManifestOptions): Readonly<Record<string, unknown>> {
  const { license, engines, repository } = workspace;
  return {
    name: library.name,
    version: library.version,
    description: library.description,
    keywords: library.keywords,
    license,
    ...(repository && { repository: { ...repository, directory: folder } }),
    sideEffects: library.sideEffects,
    engines,
    type: 'commonjs',
    main: './index.cjs',
    module: './index.mjs',
    types: './index.d.cts',
    ...(script !== undefined && { unpkg: `./${script}`, jsdelivr: `./${script}` }),
    exports: {
      ...Object.fromEntries(
        Object.keys(entries).map((entry) => {
          const stem = entryStem(entry);
          return [
            entry,
            {
              import: { types: `./${stem}.d.mts`, default: `./${stem}.mjs` },
              require: { types: `./${stem}.d.cts`, default: `./${stem}.cjs` },
            },
          ];
        }),
      ),
      ...Object.fromEntries(
        [...files, ...(script === undefined ? [] : [script]), 'package.json'].map((file) => [
          `./${file}`,
          `./${file}`,
        ]),
      ),
    },
    dependencies: dependenciesOf(imported, workspace.dependencies),
    publishConfig: library.publishConfig,
  };
}

/** Returns the name of an entry point's built files, without their ending. */
export const entryStem = (entry: string): string => (entry === '.' ? 'index' : entry.slice(2));

/** Returns the package of an imported module: `hyparquet` of `hyparquet/src/snappy.js`. */
export const packageName = (module: string): string =>
  /^(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? module;

/**
 * Returns the version range of each imported package. A package whose inner files are imported is pinned, because
 * its versions promise nothing about these.
 */
function dependenciesOf(
  imported: readonly string[],
  versions: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const ranges = new Map<string, string>();
  for (const module of [...imported].sort()) {
    if (module.startsWith('node:') || builtinModules.includes(module)) continue;
    const name = packageName(module);
    const version = versions[name];
    if (version === undefined)
      throw new Error(
        `the package imports ${module}, and ${name} is not among the dependencies of the workspace's package.json`,
      );
    const isInnerFile = module.endsWith('.js');
    if (isInnerFile || !ranges.has(name)) ranges.set(name, isInnerFile ? version : `^${version}`);
  }
  return Object.fromEntries(ranges);
}
