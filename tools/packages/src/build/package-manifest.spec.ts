import { packageManifest, type PackageManifestOptions } from './package-manifest';

const options: PackageManifestOptions = {
  library: {
    name: '@shop/till',
    version: '1.2.3',
    description: 'Counts.',
    keywords: ['till'],
    sideEffects: false,
    publishConfig: { access: 'public', provenance: true },
  },
  workspace: {
    license: 'Apache-2.0',
    engines: { node: '>=20.19' },
    dependencies: { ajv: '8.1.0', '@scope/parts': '2.0.1', inner: '1.4.0' },
  },
  folder: 'libs/till',
  entries: { '.': 'src/index.ts', './schema': 'src/published-schema.ts' },
  imported: ['ajv', 'node:zlib', 'zlib', '@scope/parts/some', 'inner', 'inner/src/delta.js'],
};

it('gives each entry point a file and types of its own for ESM and for CommonJS', () => {
  const manifest = packageManifest(options);
  expect(manifest['exports']).toEqual({
    '.': {
      import: { types: './index.d.mts', default: './index.mjs' },
      require: { types: './index.d.cts', default: './index.cjs' },
    },
    './schema': {
      import: { types: './schema.d.mts', default: './schema.mjs' },
      require: { types: './schema.d.cts', default: './schema.cjs' },
    },
    './package.json': './package.json',
  });
  // Types come first: the first condition that fits is taken.
  for (const conditions of Object.values(manifest['exports'] as object).slice(0, 2))
    for (const condition of Object.values(conditions as object))
      expect(Object.keys(condition as object)).toEqual(['types', 'default']);
});

it('depends on what the built files import, pinned where they import an inner file', () => {
  expect(packageManifest(options)['dependencies']).toEqual({
    ajv: '^8.1.0',
    '@scope/parts': '^2.0.1',
    inner: '1.4.0',
  });
});

it('refuses an import that the workspace does not depend on, by its name', () => {
  expect(() => packageManifest({ ...options, imported: ['left-pad/lib'] })).toThrow(
    /imports left-pad\/lib, and left-pad is not among the dependencies/,
  );
});

it('names the repository with the folder, once the workspace has one', () => {
  expect(packageManifest(options)).not.toHaveProperty('repository');
  const repository = { type: 'git', url: 'git+https://git.example/shop.git' };
  const workspace = { ...options.workspace, repository };
  expect(packageManifest({ ...options, workspace })['repository']).toEqual({
    ...repository,
    directory: 'libs/till',
  });
});

it('offers a file for a script tag where content networks look for it', () => {
  const manifest = packageManifest({ ...options, script: 'till.js', files: ['till.event.json'] });
  expect(manifest).toMatchObject({ unpkg: './till.js', jsdelivr: './till.js' });
  expect(manifest['exports']).toMatchObject({
    './till.js': './till.js',
    './till.event.json': './till.event.json',
  });
});
