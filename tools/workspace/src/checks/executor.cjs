// Nx loads executors as JavaScript; this one is TypeScript.
const { join } = require('node:path');
const { loadTypeScript } = require('../load-typescript.cjs');

const { runChecks } = loadTypeScript(join(__dirname, 'run-checks.ts'));
const workerFile = join(__dirname, 'check-worker.cjs');

const check = async ({ check }, { root, projectName, projectsConfigurations }) => {
  const task = {
    id: projectName,
    check,
    project: projectsConfigurations.projects[projectName].root,
  };
  for await (const { result } of runChecks({ workspaceRoot: root, tasks: [task], workerFile })) {
    process.stdout.write(result.terminalOutput);
    return result;
  }
};

/** Runs all the tasks of this executor that can start now, which is what Nx calls it with. */
const checkBatch = ({ tasks }, options, _overrides, { root, projectsConfigurations }) =>
  runChecks({
    workspaceRoot: root,
    workerFile,
    tasks: Object.values(tasks).map(({ id, target }) => ({
      id,
      check: options[id].check,
      project: projectsConfigurations.projects[target.project].root,
    })),
  });

module.exports = { check, checkBatch };
