// A process of runChecks: takes the tasks of one program at a time.
const { join } = require('node:path');
const { loadTypeScript } = require('../load-typescript.cjs');

// The rule on module boundaries reads the whole project graph again for each file, unless it believes that this is ESLint's command.
process.argv[1] = require.resolve('eslint').replace(/lib.api\.js$/, join('bin', 'eslint.js'));

const { checkProjects } = loadTypeScript(join(__dirname, 'check-projects.ts'));

process.on('message', async (tasks) => {
  for await (const outcome of checkProjects(process.cwd(), tasks)) process.send(outcome);
  process.send('done');
});
