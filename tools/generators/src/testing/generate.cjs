// Runs a generator as Nx does, for each of the option objects given: on the files of the folder that it is started in.
// A process of its own, because Nx's formatter loads modules that jest can't.
const { join } = require('node:path');
const { flushChanges, FsTree } = require('nx/src/generators/tree');

(async () => {
  const root = process.cwd();
  const [, , name, optionsOfEach] = process.argv;
  const { generators } = require(join(root, 'tools/generators/generators.json'));
  const generate = require(join(root, 'tools/generators', generators[name].implementation));
  for (const options of JSON.parse(optionsOfEach)) {
    const tree = new FsTree(root, false);
    await generate(tree, options);
    flushChanges(root, tree.listChanges());
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
