// Nx inference plugin: gives every project its targets, so that no project.json repeats them.
//
//   lint, typecheck, test   every project
//   build                   every project whose project.json names `metadata.bundle` entries;
//                           one with `assets` is bundled by a target `bundle`, and `build` copies them beside it
//   package                 every library whose project.json names the entry points of `metadata.package`: what is published of it
//   synth, deploy, diff, destroy
//                           every app, for its own stack; infra, for all of them in order, and with `-lake`
//                           for the one that the apps share. `--configuration` is the stage, dev when absent.
//
// A project's own `targets` are merged over what is inferred here.
const { basename, dirname, join } = require('node:path');
const { readFileSync } = require('node:fs');
const { esModuleBanner } = require('./es-module-banner.cjs');

/** What lint and typecheck are made of. */
const checks = [
  '{workspaceRoot}/tools/workspace/executors.json',
  '{workspaceRoot}/tools/workspace/src/load-typescript.cjs',
  '{workspaceRoot}/tools/workspace/src/checks/**/*',
  '{workspaceRoot}/oxlint.config.mjs',
  { externalDependencies: ['oxlint', 'oxlint-tsgolint'] },
];

const lint = {
  executor: './tools/workspace:check',
  options: { check: 'lint' },
  cache: true,
  inputs: [
    'default',
    '^production',
    ...checks,
    '{workspaceRoot}/tools/workspace/src/layers.json',
    { externalDependencies: ['@nx/eslint-plugin'] },
  ],
};

const typecheck = {
  executor: './tools/workspace:check',
  options: { check: 'types' },
  cache: true,
  inputs: ['default', '^production', ...checks],
};

// Room for what is short-lived: V8's own limit makes a tenth of a run the collection of it.
const test = (root) => ({
  command: `node --max-semi-space-size=64 node_modules/jest/bin/jest.js --config jest.preset.js --rootDir ${root}`,
  options: { cwd: '{workspaceRoot}' },
  cache: true,
  inputs: [
    'default',
    '^production',
    '{workspaceRoot}/jest.preset.js',
    '{workspaceRoot}/tools/workspace/src/jest-{runtime,transform}.cjs',
    { externalDependencies: ['jest', '@swc/jest', '@swc/core'] },
  ],
});

/**
 * Returns the target that bundles a project.
 *
 * @param {string} root
 * @param {{ main: string, external?: string[], keepPackages?: boolean, splitting?: boolean,
 *   alias?: Record<string, string>, additionalEntryPoints?: string[] }} bundle `external` packages are left to node_modules; `keepPackages`
 *   leaves all of them, for tools that never leave the workspace; with `splitting`, what is imported when it comes to it is not loaded before;
 *   `alias` names what is bundled in place of a package, such as a smaller entry point of it.
 */
const build = (
  root,
  {
    main,
    external = [],
    keepPackages = false,
    splitting = false,
    alias,
    additionalEntryPoints = [],
  },
) => ({
  executor: '@nx/esbuild:esbuild',
  dependsOn: ['^build'],
  cache: true,
  inputs: ['production', '^production', { externalDependencies: ['esbuild', '@nx/esbuild'] }],
  outputs: ['{options.outputPath}'],
  options: {
    main: `${root}/${main}`,
    additionalEntryPoints: additionalEntryPoints.map((entry) => `${root}/${entry}`),
    outputPath: `dist/${root}`,
    // With further entries, or in pieces, each keeps the name of its file: the entry of a function that is split is
    // src/main/index.ts, so that it becomes index.mjs like all others.
    ...(additionalEntryPoints.length === 0 && !splitting && { outputFileName: 'index.mjs' }),
    tsConfig: `${root}/tsconfig.json`,
    format: ['esm'],
    platform: 'node',
    target: keepPackages ? 'node20' : 'node24',
    bundle: true,
    thirdParty: !keepPackages,
    minify: !keepPackages,
    sourcemap: true,
    generatePackageJson: false,
    skipTypeCheck: true,
    deleteOutputPath: true,
    external,
    esbuildOptions: {
      outExtension: { '.js': '.mjs' },
      ...(splitting && { splitting }),
      ...(alias && { alias }),
      mainFields: ['module', 'main'],
      banner: { js: esModuleBanner },
      legalComments: 'none',
    },
  },
});

/** Returns the target that copies assets, since an `assets` glob of esbuild's executor copies nothing out of node_modules, without a word. */
const copyAssets = (root, assets) => ({
  command: `cp ${assets.join(' ')} dist/${root}/`,
  options: { cwd: '{workspaceRoot}' },
  dependsOn: ['bundle'],
  cache: true,
  inputs: assets.map((asset) => ({
    externalDependencies: [asset.replace(/^node_modules\/((?:@[^/]+\/)?[^/]+)\/.*$/, '$1')],
  })),
  outputs: assets.map((asset) => `{workspaceRoot}/dist/${root}/${basename(asset)}`),
});

const buildTargets = (root, bundle) => {
  if (!bundle) return {};
  if (!bundle.assets) return { build: build(root, bundle) };
  return { bundle: build(root, bundle), build: copyAssets(root, bundle.assets) };
};

/**
 * Returns the targets that bundle a web page: scripts and styles for browsers, what is imported when it comes to it in files of its own, and
 * the other files and guides beside them; guides are paths from the workspace's root, which may name several files by `*`.
 *
 * @param {string} root
 * @param {{ main: string, files: string[], guides?: string[] } | undefined} page
 */
const pageTargets = (root, page) => {
  if (!page) return {};
  const files = [...page.files.map((file) => `${root}/${file}`), ...(page.guides ?? [])];
  return {
    bundle: {
      executor: '@nx/esbuild:esbuild',
      dependsOn: ['^build'],
      cache: true,
      inputs: ['production', '^production', { externalDependencies: ['esbuild', '@nx/esbuild'] }],
      outputs: ['{options.outputPath}'],
      options: {
        main: `${root}/${page.main}`,
        outputPath: `dist/${root}`,
        tsConfig: `${root}/tsconfig.json`,
        format: ['esm'],
        platform: 'browser',
        target: 'es2022',
        bundle: true,
        thirdParty: true,
        minify: true,
        sourcemap: false,
        generatePackageJson: false,
        skipTypeCheck: true,
        deleteOutputPath: true,
        esbuildOptions: {
          splitting: true,
          outExtension: { '.js': '.js' },
          chunkNames: '[name]-[hash]',
          jsx: 'automatic',
          jsxImportSource: 'preact',
          legalComments: 'none',
        },
      },
    },
    build: {
      command: `cp ${files.join(' ')} dist/${root}/`,
      options: { cwd: '{workspaceRoot}' },
      dependsOn: ['bundle'],
      cache: true,
      inputs: files.map((file) => `{workspaceRoot}/${file}`),
      outputs: files.map((file) => `{workspaceRoot}/dist/${root}/${basename(file)}`),
    },
  };
};

/** Folder of a library's publishable package; nx.json names it too, for `nx release`. */
const packageFolder = (root) => `dist/packages/${basename(root)}`;

/** Returns the target that builds a library's publishable package. */
const packageTargets = (root, settings) => {
  if (!settings) return {};
  return {
    package: {
      command: `node tools/workspace/src/load-typescript.cjs tools/packages/src/build/main.ts ${root} ${packageFolder(root)}`,
      options: { cwd: '{workspaceRoot}' },
      cache: true,
      inputs: [
        'default',
        '^production',
        '{workspaceRoot}/tools/packages/src/build/**/*',
        '{workspaceRoot}/package.json',
        '{workspaceRoot}/LICENSE',
        { externalDependencies: ['esbuild', 'rollup', 'rollup-plugin-dts', 'typescript'] },
      ],
      outputs: [`{workspaceRoot}/${packageFolder(root)}`],
      metadata: { description: 'Builds what is published of the library, in dist/packages.' },
    },
    // Added by Nx to what has a package.json; it publishes what was built, not the sources.
    'nx-release-publish': {
      executor: '@nx/js:release-publish',
      dependsOn: ['package'],
      options: { packageRoot: packageFolder(root) },
    },
  };
};

const stages = ['dev', 'staging', 'prod'];

const forEachStage = (options) => ({
  executor: 'nx:run-commands',
  options: { cwd: '{workspaceRoot}' },
  defaultConfiguration: stages[0],
  configurations: Object.fromEntries(stages.map((stage) => [stage, options(stage)])),
});

/** Writes the templates by running infra's bundle: no network, no credentials, no CDK command line. */
const synth = (assembly, stack, dependsOn) => ({
  ...forEachStage((stage) => ({
    command: 'node dist/apps/infra/index.mjs',
    env: {
      SLUICE_STAGE: stage,
      CDK_OUTDIR: assembly(stage),
      // It takes most of the time, and dev's templates differ from staging's in numbers only.
      SLUICE_VALIDATE: String(stage !== 'dev'),
      ...(stack && { SLUICE_STACK: stack }),
    },
  })),
  dependsOn,
  cache: true,
  inputs: [
    // A bundle with assets beside it is the output of a task before `build`.
    { dependentTasksOutputFiles: '**/*', transitive: true },
    { env: 'SLUICE_EVENTS_DIR' },
    { env: 'SLUICE_BROKEN_DEFINITIONS' },
    { env: 'SLUICE_DESTROY_DATA' },
    { externalDependencies: ['aws-cdk-lib', 'constructs'] },
  ],
  outputs: ['{options.env.CDK_OUTDIR}'],
});

/** Returns a step around a deployment of the lake, which is protected once it is complete, and not before. */
const protection = (step, assembly) => ({
  command: `node tools/workspace/src/load-typescript.cjs apps/infra/src/protection/main.ts ${step} ${assembly}`,
  forwardAllArgs: false,
});

/** Returns the target that runs the CDK command line. @param stacks what that calls them */
const cdk = (verb, assembly, stacks, synthTarget, { isLake = false } = {}) => ({
  ...forEachStage((stage) => {
    const command = `cdk ${verb} --app ${assembly(stage)} ${stacks}`;
    return {
      ...(isLake && verb === 'deploy'
        ? {
            commands: [
              protection('before', assembly(stage)),
              { command },
              protection('after', assembly(stage)),
            ],
            parallel: false,
          }
        : { command }),
      // The version that npm calls the latest can't read today's assemblies, and the check recommends it.
      env: { CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: 'true' },
    };
  }),
  dependsOn: [synthTarget],
});

/** Returns the targets of one stack of infra, built from that app alone: another team's broken build is not in the way. */
const stackTargets = (stack, suffix, dependsOn) => {
  const assembly = (stage) => `dist/cdk.out/${stack}-${stage}`;
  const only = `--exclusively ${stack.replace(/(?:^|-)(\w)/g, (_match, letter) => letter.toUpperCase())}`;
  return Object.fromEntries([
    [`synth${suffix}`, synth(assembly, stack, dependsOn)],
    ...['deploy', 'diff', 'destroy'].map((verb) => [
      `${verb}${suffix}`,
      cdk(verb, assembly, only, `synth${suffix}`, { isLake: stack === 'lake' }),
    ]),
  ]);
};

const deployTargets = ({ name, tags = [], metadata }) => {
  if (tags.includes('type:app'))
    return stackTargets(name, '', [
      { projects: ['infra'], target: 'build' },
      ...(metadata?.bundle || metadata?.page ? ['build'] : []),
    ]);
  if (!tags.includes('type:infra')) return {};
  const assembly = (stage) => `dist/cdk.out/${stage}`;
  return {
    synth: synth(assembly, undefined, ['build', '^build']),
    guard: {
      ...forEachStage((stage) => ({
        command: `node tools/workspace/src/load-typescript.cjs apps/infra/src/guard/main.ts ${assembly(stage)}`,
      })),
      dependsOn: ['synth'],
    },
    deploy: cdk('deploy', assembly, '--all', 'synth', { isLake: true }),
    diff: cdk('diff', assembly, '--all', 'synth'),
    destroy: cdk('destroy', assembly, '--all', 'synth'),
    ...stackTargets('lake', '-lake', ['build']),
  };
};

module.exports = {
  name: 'sluice-workspace',
  createNodesV2: [
    '{apps,libs,tools,tools/local-aws}/*/project.json',
    (files, _options, context) =>
      files.map((file) => {
        const root = dirname(file);
        const project = JSON.parse(readFileSync(join(context.workspaceRoot, file), 'utf8'));
        const targets = {
          lint,
          typecheck,
          test: test(root),
          ...buildTargets(root, project.metadata?.bundle),
          ...pageTargets(root, project.metadata?.page),
          ...packageTargets(root, project.metadata?.package),
          ...deployTargets(project),
        };
        return [file, { projects: { [root]: { root, targets } } }];
      }),
  ],
};
