import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The root of the checkout: where nx.json lies, from here upwards. */
export function workspaceRoot(from = __dirname): string {
  if (existsSync(join(from, 'nx.json'))) return from;
  if (dirname(from) === from) throw new Error('no nx.json above the local stack');
  return workspaceRoot(dirname(from));
}

/** Runs the infra app offline. @param assembly the folder that it writes. */
export function synthesise({
  assembly,
  definitions,
}: {
  readonly assembly: string;
  /** Folder of event types beside the shipped ones. */
  readonly definitions: string;
}): Promise<void> {
  const app = join(workspaceRoot(), 'dist', 'apps', 'infra', 'index.mjs');
  if (!existsSync(app))
    return Promise.reject(new Error(`${app} is missing: run npx nx build local-stack`));
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [app],
      {
        cwd: workspaceRoot(),
        env: { ...process.env, CDK_OUTDIR: assembly, SLUICE_EVENTS_DIR: definitions },
      },
      (error, _stdout, stderr) => {
        if (error) reject(new Error(`synthesising the stacks failed:\n${stderr.trim()}`));
        else resolve();
      },
    );
  });
}
