// Transforms TypeScript for jest by swc. Jest keeps what was transformed for each project by itself, as its key holds the project's whole
// configuration; here it is kept once for the workspace, since nothing of a project changes how a file is transformed.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join, relative } = require('node:path');
const { createTransformer } = require('@swc/jest');
const { version: jestVersion } = require('@swc/jest/package.json');
const { version: coreVersion } = require('@swc/core/package.json');

const workspaceRoot = join(__dirname, '../../..');
const settings = {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
  module: { type: 'commonjs' },
};
const transformer = createTransformer(settings);
const self = [
  readFileSync(join(__dirname, 'jest-transform.cjs')),
  jestVersion,
  coreVersion,
  process.version,
];

module.exports = {
  ...transformer,
  /** Returns a key that is the same in every project. */
  getCacheKey(source, filename, { instrument, supportsStaticESM }) {
    const hash = createHash('sha256');
    for (const part of [
      ...self,
      relative(workspaceRoot, filename),
      `${instrument} ${supportsStaticESM}`,
      source,
    ])
      hash.update(part).update('\0');
    return hash.digest('hex');
  },
};
