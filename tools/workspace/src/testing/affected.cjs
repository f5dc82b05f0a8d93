// Prints what each project depends on, and which projects each of the files given affects, as `nx affected` would find:
// {dependencies: {project: [project]}, affected: {file: [project]}}.
// A process of its own, because the project graph loads native code and plugins that jest can't share.
const { createProjectGraphAsync } = require('@nx/devkit');
const { filterAffected } = require('nx/src/project-graph/affected/affected-project-graph');
const { calculateFileChanges } = require('nx/src/project-graph/file-utils');

(async () => {
  const graph = await createProjectGraphAsync({ exitOnError: true });
  const dependencies = {};
  for (const [name, { data }] of Object.entries(graph.nodes)) {
    const targets = new Set(graph.dependencies[name].map(({ target }) => target));
    dependencies[name] = {
      root: data.root,
      tags: data.tags,
      dependsOn: [...targets].filter((target) => target in graph.nodes).sort(),
    };
  }
  const affected = {};
  for (const file of process.argv.slice(2)) {
    const { nodes } = await filterAffected(graph, calculateFileChanges([file], []));
    affected[file] = Object.keys(nodes).sort();
  }
  process.stdout.write(`\n${JSON.stringify({ projects: dependencies, affected })}\n`);
  process.exit();
})();
