import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './workspace';

export { stageAssembly, workspaceRoot } from './workspace';

/** Error for templates that can't be made; the message is meant for a person. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/** Runs the infra app offline, unless the assembly is newer than all of its inputs. */
export async function synthesise({
  assembly,
  definitions,
}: {
  /** Folder to write. */
  readonly assembly: string;
  /** Folder of event types in addition to the shipped ones. */
  readonly definitions: string;
}): Promise<void> {
  const apps = join(workspaceRoot(), 'dist', 'apps');
  const app = join(apps, 'infra', 'index.mjs');
  if (!existsSync(app)) throw new SynthesisError(`${app} is missing: run npx nx build local-stack`);
  if (isCurrent(join(assembly, 'manifest.json'), [apps, definitions])) return;
  await new Promise<void>((resolve, reject) => {
    execFile(
      process.execPath,
      [app],
      {
        cwd: workspaceRoot(),
        env: {
          ...process.env,
          CDK_OUTDIR: assembly,
          SLUICE_EVENTS_DIR: definitions,
          SLUICE_BROKEN_DEFINITIONS: 'leave-out',
        },
      },
      (error, _stdout, stderr) => {
        if (error) reject(new SynthesisError(synthesisFault(stderr, assembly)));
        else resolve();
      },
    );
  });
  linkPackages(assembly);
}

/** Writes why templates could not be made. @param stderr of the infra app, in which the CDK notes its progress too */
export function synthesisFault(stderr: string, assembly: string): string {
  const reason = /\bENOSPC\b/.test(stderr)
    ? `no space is left on the disk for ${assembly}`
    : stderr.replace(/^Bundling asset .*\n?/gm, '').trim();
  return `the templates can't be made: ${reason}`;
}

/**
 * Makes the checkout's packages available to the functions, whose bundles leave out the AWS SDK because Lambda's
 * runtime brings it.
 */
function linkPackages(assembly: string): void {
  const link = join(assembly, 'node_modules');
  rmSync(link, { force: true });
  symlinkSync(join(workspaceRoot(), 'node_modules'), link, 'junction');
}

/**
 * Decides whether a file is newer than all files in the folders, and newer than the last change of their lists of
 * files.
 */
function isCurrent(file: string, folders: readonly string[]): boolean {
  if (!existsSync(file)) return false;
  const madeAtMs = statSync(file).mtimeMs;
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .concat(folders.filter((folder) => existsSync(folder)))
    .every((path) => statSync(path).mtimeMs < madeAtMs);
}
