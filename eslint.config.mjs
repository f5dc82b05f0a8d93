import js from '@eslint/js';
import { readFileSync } from 'node:fs';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

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
  allow,
  depConstraints: Object.entries(layers).map(([layer, allowed]) => ({
    sourceTag: `type:${layer}`,
    onlyDependOnLibsWithTags: allowed.map((target) => `type:${target}`),
  })),
});

export default tseslint.config(
  { ignores: ['**/dist/**', '**/fixtures/**', '**/*.md'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
      // A seventh of the time of all rules each. There is no enum here, and classes have private fields, which TypeScript takes from
      // instances alone.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // The index signature of tsconfig's noPropertyAccessFromIndexSignature asks for brackets.
      '@typescript-eslint/dot-notation': 'off',
      // It asks for the `!` that no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  {
    files: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mjs', '**/*.cjs', '**/*.js'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries()] },
  },
  {
    files: ['tools/**/*.ts'],
    rules: {
      // Tools run, test and measure the apps as they are.
      '@nx/enforce-module-boundaries': ['error', boundaries(['@sluice/**'])],
    },
  },
  {
    files: ['tools/local-aws/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries()] },
  },
  {
    files: ['tools/local-aws/**/*.spec.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries(apiDocuments)] },
  },
  {
    files: ['apps/infra/**/*.ts'],
    rules: {
      // Nx lets nobody import an app.
      '@nx/enforce-module-boundaries': ['error', boundaries(apiDocuments)],
    },
  },
  {
    files: ['**/*.cjs', '**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        require: 'readonly',
        module: 'writable',
        process: 'readonly',
        console: 'readonly',
        __dirname: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
