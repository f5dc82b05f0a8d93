// Writes the cloud assembly of one stage to CDK_OUTDIR. Needs neither network nor credentials.
import { readDeployment } from './deployment';
import { sluiceApp, stackName } from './sluice-app';

try {
  const { CDK_OUTDIR: outdir, SLUICE_STACK: only } = process.env;
  sluiceApp(readDeployment(process.env), {
    ...(outdir && { outdir }),
    ...(only && { only: stackName(only) }),
  }).synth();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
