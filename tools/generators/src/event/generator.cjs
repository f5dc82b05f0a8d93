// Nx loads generators as JavaScript; this one is TypeScript. What ships is loaded anew each time, from the workspace that is worked on.
const { join } = require('node:path');
const { workspaceRoot } = require('@nx/devkit');
const { loadTypeScript } = require(join(workspaceRoot, 'tools/workspace/src/load-typescript.cjs'));

const { generateEvent } = loadTypeScript(join(__dirname, 'generate-event.ts'));

module.exports = (tree, options) => {
  const { shippedCatalog, ...content } = loadTypeScript(
    join(tree.root, 'libs/event-types/src/index.ts'),
  );
  return generateEvent(tree, options, {
    catalog: shippedCatalog,
    exportedNames: Object.keys(content),
  });
};
