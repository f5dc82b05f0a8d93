// Prints which projects each of the files given affects, as `nx affected` would find: {file: [project]}.
// A process of its own, because the project graph loads native code and plugins that jest can't share.
const { createProjectGraphAsync } = require('@nx/devkit');
const { filterAffected } = require('nx/src/project-graph/affected/affected-project-graph');
const { calculateFileChanges } = require('nx/src/project-graph/file-utils');

(async () => {
  const graph = await createProjectGraphAsync({ exitOnError: true });
  const affected = {};
  for (const file of process.argv.slice(2)) {
    const { nodes } = await filterAffected(graph, calculateFileChanges([file], []));
    affected[file] = Object.keys(nodes).sort();
  }
  process.stdout.write(`\n${JSON.stringify(affected)}\n`);
  process.exit();
})();
