// Writes the cloud assembly of one stage to CDK_OUTDIR. Needs neither network nor credentials.
import { readDeployment } from './deployment';
import { sluiceApp } from './sluice-app';

try {
  sluiceApp(readDeployment(process.env)).synth();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
