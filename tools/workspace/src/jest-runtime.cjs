// Runs tests as jest does, except that a module's code is compiled once for a process and not again for each spec file. Jest compiles by
// vm.compileFunction, of which V8 keeps nothing, and lazily compiled functions are lost with it; a script that is kept runs in the context
// of every spec file with what was compiled of it.
const { Script } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/** What was compiled, by file; a spec may transform a file in another way than the one before, so the source is compared. */
const compiled = new Map();

class CompilingOnce extends Runtime {
  constructor(...args) {
    super(...args);
    const { executor } = this;
    const compileAnew = executor.compile.bind(executor);
    executor.compile = (source, filename) => {
      const context = this._environment.getVmContext();
      if (!context) return null;
      const start = `(function (${executor.injectedModuleParameters.join(',')}) {`;
      const known = compiled.get(filename);
      let script = known?.source === source && known.start === start ? known.script : undefined;
      if (!script) {
        try {
          // The module begins in the first line of the script, so that places in stack traces and source maps are right.
          script = new Script(`${start}${source}\n})`, { filename, columnOffset: -start.length });
        } catch {
          // With jest's own sentence on what is wrong.
          return compileAnew(source, filename);
        }
        compiled.set(filename, { source, start, script });
      }
      return script.runInContext(context);
    };
  }
}

module.exports = { __esModule: true, default: CompilingOnce };
