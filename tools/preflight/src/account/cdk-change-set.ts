import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChangeSetTrial } from './account';

export interface CdkOptions {
  /** Checkout whose CDK command line is run. */
  readonly workspace: string;
  readonly assembly: string;
}

/**
 * Returns a function that creates change sets as `cdk deploy` would, without executing them. It works on a copy of
 * the assembly in which each stack has its current protection, because CDK sets the protection even when it executes
 * nothing, and a stack that is protected before it was ever complete can't be deleted.
 */
export const cdkChangeSets =
  ({ workspace, assembly }: CdkOptions) =>
  async ({
    stackId,
    changeSetName,
    isProtected,
  }: ChangeSetTrial): Promise<{ readonly isMade: boolean; readonly said: string }> => {
    const copy = mkdtempSync(join(tmpdir(), 'sluice-preflight-'));
    try {
      cpSync(assembly, copy, { recursive: true });
      protectAs(join(copy, 'manifest.json'), stackId, isProtected);
      return await run(workspace, [
        ...['deploy', '--app', copy, '--exclusively', stackId],
        ...['--no-execute', '--change-set-name', changeSetName],
        ...['--require-approval', 'never', '--progress', 'events'],
      ]);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  };

interface Manifest {
  readonly artifacts?: Readonly<
    Record<string, { readonly properties?: { terminationProtection?: boolean } }>
  >;
}

/** Writes the protection of one stack into a manifest. */
function protectAs(manifestFile: string, stackId: string, isProtected: boolean): void {
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest;
  const properties = manifest.artifacts?.[stackId]?.properties;
  if (properties) properties.terminationProtection = isProtected;
  writeFileSync(manifestFile, JSON.stringify(manifest));
}

function run(
  workspace: string,
  args: readonly string[],
): Promise<{ readonly isMade: boolean; readonly said: string }> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [join(workspace, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args],
      {
        cwd: workspace,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          CDK_DISABLE_CLI_TELEMETRY: 'true',
          CDK_DISABLE_VERSION_CHECK: 'true',
          NO_COLOR: '1',
        },
      },
    );
    let said = '';
    const hear = (chunk: Buffer): void => void (said += chunk.toString());
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (error) => resolve({ isMade: false, said: error.message }));
    child.once('close', (code) => resolve({ isMade: code === 0, said }));
  });
}
