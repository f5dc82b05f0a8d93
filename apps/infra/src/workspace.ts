import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Returns the folder that holds nx.json, searching upwards, because source and bundle are at different depths. */
export function workspaceRoot(from = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no nx.json in ${from} or above`);
  }
}

/** Returns the folder of the cloud assembly that `infra:synth` writes for a stage. */
export const stageAssembly = (stage: string): string =>
  join(workspaceRoot(), 'dist', 'cdk.out', stage);
