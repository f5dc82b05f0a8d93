// Installs each publishable package from its tarball into an empty project and uses it there: `npx nx run packages:check`.
import { countByStatus, runChecks } from '@sluice/checks';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { consumedPackages } from './consumed-packages';
import { emptyProject } from './empty-project';
import { packageChecks, type Packages } from './package-checks';

async function check(): Promise<number> {
  const root = workspaceRoot();
  const project = await emptyProject({ root, names: consumedPackages.map(({ name }) => name) });
  try {
    const context: Packages = { root, project };
    const results = await runChecks(consumedPackages.flatMap(packageChecks), context, {
      onResult: ({ id, status, observed, seconds }) =>
        void process.stdout.write(`${status.padEnd(8)}${id}: ${observed} (${seconds} s)\n`),
    });
    const counts = countByStatus(results);
    process.stdout.write(`${JSON.stringify(counts)}\n`);
    return counts.failed > 0 ? 1 : 0;
  } finally {
    await project.close();
  }
}

void check().then((code) => {
  process.exitCode = code;
});
