// A process of runChecks: takes projects one by one, and keeps what it parsed for the next.
const { join } = require('node:path');
const { loadTypeScript } = require('../load-typescript.cjs');

const { projectChecker } = loadTypeScript(join(__dirname, 'check-project.ts'));
const checkProject = projectChecker(process.cwd());

process.on('message', async (tasks) => {
  for await (const outcome of checkProject(tasks)) process.send(outcome);
  process.send('done');
});
