import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// model → logic → adapter → app → infra, tool. Apps never import each other. A service of the local cloud stands
// alone: it imports neither a tool nor another service, only what all services share.
const layers = [
  'model',
  'content',
  'logic',
  'adapter',
  'app',
  'infra',
  'service-shared',
  'service',
  'tool',
];
const allowed = {
  model: ['model'],
  content: ['model', 'content'],
  logic: ['model', 'content', 'logic'],
  adapter: ['model', 'logic', 'adapter'],
  app: ['model', 'content', 'logic', 'adapter'],
  infra: ['model', 'content', 'logic', 'app'],
  'service-shared': ['model', 'logic', 'adapter', 'service-shared'],
  service: ['model', 'logic', 'adapter', 'service-shared'],
  tool: layers,
};

/** @param {string[]} allow imports that no rule is asked about */
const boundaries = (allow = []) => ({
  allow,
  depConstraints: layers.map((layer) => ({
    sourceTag: `type:${layer}`,
    onlyDependOnLibsWithTags: allowed[layer].map((target) => `type:${target}`),
  })),
});

export default tseslint.config(
  { ignores: ['**/dist/**', '**/fixtures/**', '**/*.md'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
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
    files: ['**/*.ts', '**/*.mjs', '**/*.cjs', '**/*.js'],
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
    ignores: ['**/*.spec.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries()] },
  },
  {
    files: ['apps/infra/**/*.ts'],
    rules: {
      // Nx lets nobody import an app; infra builds from what three of them make: the documents of the APIs, and the joins' state machines.
      '@nx/enforce-module-boundaries': [
        'error',
        boundaries(['@sluice/analytics', '@sluice/ingest-gateway', '@sluice/lookup-api/openapi']),
      ],
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
