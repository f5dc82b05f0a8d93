// The one jest configuration: every project runs it with its own folder as --rootDir.
const { paths } = require('./tsconfig.base.json').compilerOptions;

// Packages published as ES modules only, or that import by `import()`; jest runs CommonJS, so swc converts them.
const esModulesOnly = [
  '@opentelemetry/otlp-exporter-base',
  'hyparquet',
  'marked',
  'hyparquet-compressors',
  'hysnappy',
  'fzstd',
  'p-map',
  'dt-sql-parser',
  'antlr4ng',
  'antlr4-c3',
];

// Where the gate wants each project's counts.
const reports = process.env.SLUICE_TEST_REPORTS;

/** @type {import('jest').Config} */
module.exports = {
  // One cache of transformed files for all projects.
  id: 'sluice',
  testMatch: ['<rootDir>/**/*.spec.ts'],
  testEnvironment: 'node',
  // Compiles a module once for all spec files of a project.
  runtime: `${__dirname}/tools/workspace/src/jest-runtime.cjs`,
  transform: {
    '^.+\\.(ts|js|mjs)$': `${__dirname}/tools/workspace/src/jest-transform.cjs`,
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join('|')})/)`],
  moduleNameMapper: Object.fromEntries(
    Object.entries(paths).map(([alias, [file]]) => [`^${alias}$`, `${__dirname}/${file}`]),
  ),
  testTimeout: 30_000,
  reporters: [
    'default',
    ...(reports
      ? [[`${__dirname}/tools/workspace/src/test-counts-reporter.cjs`, { folder: reports }]]
      : []),
  ],
};
