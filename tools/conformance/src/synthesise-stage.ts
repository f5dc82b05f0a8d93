import { runProgram } from './run-program';
import { stageNames, type StageName } from '@sluice/infra/templates';
import { join } from 'node:path';

export { stageNames };

/** Writes the cloud assembly of a stage into a folder. An assembly that the folder already holds is removed first. */
export async function synthesiseStage(
  stage: StageName,
  { root, assembly }: { readonly root: string; readonly assembly: string },
): Promise<void> {
  const { code, stderr } = await runProgram(
    process.execPath,
    [join(root, 'dist', 'apps', 'infra', 'index.mjs')],
    { cwd: root, env: { CDK_OUTDIR: assembly, SLUICE_STAGE: stage } },
  );
  if (code !== 0) throw new Error(`the templates of ${stage} can't be made: ${stderr.slice(-300)}`);
}
