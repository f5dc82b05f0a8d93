// Writes the cloud assembly of one stage to CDK_OUTDIR. Needs neither network nor credentials.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readDeployment } from './deployment';
import { sluiceApp, stackName } from './sluice-app';

// CDK takes a stack trace for each property, whatever the settings of an app say; with a hundred event types that is a
// second. Errors are shown by their message alone.
Error.stackTraceLimit = 0;

try {
  const { CDK_OUTDIR: outdir, SLUICE_STACK: only, SLUICE_VALIDATE: validate } = process.env;
  if (outdir) removeAssembly(outdir);
  sluiceApp(readDeployment(process.env), {
    ...(outdir && { outdir }),
    ...(only && { only: stackName(only) }),
    validate: validate === 'true',
  }).synth();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/**
 * Removes an earlier assembly, whose assets would otherwise stay among the new ones. Any other folder is left alone.
 */
function removeAssembly(folder: string): void {
  if (existsSync(join(folder, 'manifest.json')) && existsSync(join(folder, 'cdk.out')))
    rmSync(folder, { recursive: true });
}
