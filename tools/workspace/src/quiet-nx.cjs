// Runs Nx without its output unless it fails:
//
//   node tools/workspace/src/quiet-nx.cjs <what is made> <arguments of nx…>
const { buildQuietly } = require('./build-quietly.cjs');

const [what, ...args] = process.argv.slice(2);
buildQuietly(what, args).then((code) => {
  process.exitCode = code;
});
