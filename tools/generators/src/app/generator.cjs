// Nx loads generators as JavaScript; this one is TypeScript.
const { join } = require('node:path');
const { workspaceRoot } = require('@nx/devkit');
const { loadTypeScript } = require(join(workspaceRoot, 'tools/workspace/src/load-typescript.cjs'));

module.exports = loadTypeScript(join(__dirname, 'generate-app.ts')).generateApp;
