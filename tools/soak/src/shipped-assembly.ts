import { workspaceRoot } from '@sluice/infra/synthesise';
import { join } from 'node:path';

/** Returns the folder of the cloud assembly that `infra:synth` writes for the stage `dev`. */
export const shippedAssembly = (): string => join(workspaceRoot(), 'dist', 'cdk.out', 'dev');
