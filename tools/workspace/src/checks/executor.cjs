// Nx loads executors as JavaScript; this one is TypeScript.
const { join } = require('node:path');
const { loadTypeScript } = require('../load-typescript.cjs');

const { runChecks } = loadTypeScript(join(__dirname, 'run-checks.ts'));

const check = async ({ check }, { root, projectName, projectsConfigurations }) => {
  const project = projectsConfigurations.projects[projectName].root;
  const outcomes = await runChecks({
    workspaceRoot: root,
    tasks: [{ id: projectName, check, project }],
  });
  const outcome = outcomes.get(projectName);
  process.stdout.write(outcome.terminalOutput);
  return outcome;
};

// Nx calls it with all the tasks of this executor that can start now. It shows an outcome's text only where it is yielded.
async function* checkBatch({ tasks }, options, _overrides, { root, projectsConfigurations }) {
  const startTime = Date.now();
  const outcomes = await runChecks({
    workspaceRoot: root,
    tasks: Object.values(tasks).map(({ id, target }) => ({
      id,
      check: options[id].check,
      project: projectsConfigurations.projects[target.project].root,
    })),
  });
  const endTime = Date.now();
  for (const [task, outcome] of outcomes)
    yield { task, result: { ...outcome, startTime, endTime } };
}

module.exports = { check, checkBatch };
