// jest reporter: leaves this run's counts and failures in a folder, one file a project, for the gate to add up.
const { mkdirSync, writeFileSync } = require('node:fs');
const { join, relative } = require('node:path');

const workspace = join(__dirname, '../../..');

module.exports = class TestCountsReporter {
  constructor(globalConfig, { folder }) {
    this.rootDir = globalConfig.rootDir;
    this.folder = folder;
  }

  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults },
  ) {
    mkdirSync(this.folder, { recursive: true });
    const failures = testResults.flatMap(({ failureMessage }) => failureMessage ?? []);
    writeFileSync(
      join(this.folder, `${relative(workspace, this.rootDir).replaceAll(/[\\/]/g, '.')}.json`),
      JSON.stringify({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites, failures }),
    );
  }
};
