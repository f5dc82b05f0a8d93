// Nx loads generators as JavaScript; this one is TypeScript.
const { join } = require('node:path');
const { loadTypeScript } = require('../../../workspace/src/load-typescript.cjs');

module.exports = loadTypeScript(join(__dirname, 'generate-event.ts')).generateEvent;
