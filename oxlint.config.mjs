import { readFileSync } from 'node:fs';

// model → logic → adapter → app → infra, tool. The content (the teams' event types) reaches apps as data: infra and tools alone import
// it. Apps never import each other. A service of the local cloud stands alone: it imports neither a tool nor another service, only what
// all services share.
/** @type {Readonly<Record<string, readonly string[]>>} layer → those that it may import */
const layers = JSON.parse(
  readFileSync(new URL('./tools/workspace/src/layers.json', import.meta.url), 'utf8'),
);

/** The documents of the APIs and the joins' state machines: what infra is made of, and what tests of a local service serve. */
const apiDocuments = [
  '@sluice/analytics',
  '@sluice/ingest-gateway',
  '@sluice/lookup-api/openapi',
  '@sluice/operations/openapi',
  '@sluice/console/security-headers',
];

/** @param {string[]} allow imports that no rule is asked about */
const boundaries = (allow = []) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      allow,
      depConstraints: Object.entries(layers).map(([layer, allowed]) => ({
        sourceTag: `type:${layer}`,
        onlyDependOnLibsWithTags: allowed.map((target) => `type:${target}`),
      })),
    },
  ],
});

/** @param {string[]} names @param {'error' | 'off'} severity */
const each = (names, severity, prefix = '') =>
  Object.fromEntries(names.map((name) => [`${prefix}${name}`, severity]));

// What ESLint recommends and typescript-eslint calls strict and stylistic, as far as the category `correctness` has it not.
const ofJavaScript = [
  'no-array-constructor',
  'no-case-declarations',
  'no-empty',
  'no-empty-function',
  'no-fallthrough',
  'no-prototype-builtins',
  'no-regex-spaces',
  'no-unexpected-multiline',
  'no-useless-assignment',
  'no-useless-constructor',
  'no-var',
  'prefer-const',
  'prefer-rest-params',
  'prefer-spread',
  'preserve-caught-error',
];
const ofTypeScript = [
  'adjacent-overload-signatures',
  'array-type',
  'ban-ts-comment',
  'ban-tslint-comment',
  'class-literal-property-style',
  'consistent-generic-constructors',
  'consistent-indexed-object-style',
  'consistent-type-assertions',
  'no-confusing-non-null-assertion',
  'no-deprecated',
  'no-dynamic-delete',
  'no-empty-object-type',
  'no-explicit-any',
  'no-extraneous-class',
  'no-generated-empty-object-type',
  'no-inferrable-types',
  'no-invalid-void-type',
  'no-misused-promises',
  'no-mixed-enums',
  'no-namespace',
  'no-non-null-asserted-nullish-coalescing',
  'no-non-null-assertion',
  'no-require-imports',
  'no-unnecessary-boolean-literal-compare',
  'no-unnecessary-template-expression',
  'no-unnecessary-type-arguments',
  'no-unnecessary-type-assertion',
  'no-unnecessary-type-constraint',
  'no-unnecessary-type-conversion',
  'no-unnecessary-type-parameters',
  'no-unsafe-argument',
  'no-unsafe-assignment',
  'no-unsafe-call',
  'no-unsafe-enum-comparison',
  'no-unsafe-function-type',
  'no-unsafe-member-access',
  'no-unsafe-return',
  'only-throw-error',
  'prefer-find',
  'prefer-for-of',
  'prefer-function-type',
  'prefer-includes',
  'prefer-literal-enum-member',
  'prefer-nullish-coalescing',
  'prefer-optional-chain',
  'prefer-promise-reject-errors',
  'prefer-reduce-type-parameter',
  'prefer-regexp-exec',
  'prefer-return-this-type',
  'prefer-string-starts-ends-with',
  'related-getter-setter-pairs',
  'require-await',
  'restrict-plus-operands',
  'unified-signatures',
  'use-unknown-in-catch-callback-variable',
];

export default {
  plugins: ['typescript', 'oxc'],
  jsPlugins: ['@nx/eslint-plugin'],
  options: {
    typeAware: true,
    typeCheck: true,
    denyWarnings: true,
    reportUnusedDisableDirectives: 'error',
  },
  categories: { correctness: 'error' },
  ignorePatterns: ['**/dist/**', '**/fixtures/**', '**/*.md'],
  rules: {
    ...each(ofJavaScript, 'error'),
    ...each(ofTypeScript, 'error', 'typescript/'),
    'typescript/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    'typescript/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/restrict-template-expressions': ['error', { allowNumber: true }],
    // Texts of one alphabet are all that is sorted by the default order.
    'typescript/require-array-sort-compare': 'off',
    ...boundaries(),
  },
  overrides: [
    {
      files: ['**/*.spec.ts'],
      rules: each(
        ['no-non-null-assertion', 'no-unsafe-assignment', 'no-unsafe-member-access'],
        'off',
        'typescript/',
      ),
    },
    // Tools run, test and measure the apps as they are.
    { files: ['tools/**/*.ts'], rules: boundaries(['@sluice/**']) },
    { files: ['tools/local-aws/**/*.ts'], rules: boundaries() },
    { files: ['tools/local-aws/**/*.spec.ts'], rules: boundaries(apiDocuments) },
    // Nx lets nobody import an app.
    { files: ['apps/infra/**/*.ts'], rules: boundaries(apiDocuments) },
    // Without types of their own.
    {
      files: ['**/*.cjs', '**/*.mjs', '**/*.js'],
      rules: each(
        [
          ...ofTypeScript,
          'no-base-to-string',
          'no-floating-promises',
          'no-unnecessary-condition',
          'unbound-method',
        ],
        'off',
        'typescript/',
      ),
    },
  ],
};
