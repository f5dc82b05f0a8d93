import type { EventDefinition, NamedKeyScopes } from '@sluice/event-schema';
import { apiKeysFile, writeEventType } from '@sluice/event-schema/node';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { freePorts } from '@sluice/local-stack/ports';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pollUntil } from '@sluice/waiting';
import { TargetError } from './target';

export interface OwnStack {
  readonly endpointsFile: string;
  /** Ends the stack and removes its folder. */
  stop(): Promise<void>;
}

/** Writes the API keys of a folder of definitions. */
export function writeOwnKeys(definitions: string, apiKeys: NamedKeyScopes): void {
  mkdirSync(definitions, { recursive: true });
  writeFileSync(join(definitions, apiKeysFile), JSON.stringify(apiKeys));
}

/** Longest start of a stack in milliseconds; it takes some seconds on a quiet machine. */
const longestStartMs = 300_000;

export interface OwnStackOptions {
  /** Templates to run; by default those of the stage dev. */
  readonly assembly?: string | undefined;
  /** Event types that the stack serves beside the shipped ones. Given templates know their own event types alone. */
  readonly eventTypes?: readonly EventDefinition[];
  /** API keys with scopes that the stack has, like its event types. */
  readonly apiKeys?: NamedKeyScopes;
  /** Firehose's buffering interval, shortened because a minute would be most of a run. @default 1 */
  readonly bufferSeconds?: number;
}

/**
 * Starts a local stack in its own folder, with the limits of shards.
 *
 * @throws {@link TargetError} with the stack's output, where it does not start
 */
export async function startOwnStack({
  assembly,
  eventTypes = [],
  apiKeys,
  bufferSeconds = 1,
}: OwnStackOptions = {}): Promise<OwnStack> {
  const root = workspaceRoot(process.cwd());
  const program = join(root, 'dist', 'tools', 'local-stack', 'main.mjs');
  if (!existsSync(program))
    throw new TargetError(`${program} is missing: run npx nx build local-stack`);
  for (let attempt = 1; ; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'));
    const { definitions, endpointsFile } = dataDirectory(folder);
    if (assembly === undefined) {
      for (const one of eventTypes) writeEventType(definitions, one);
      if (apiKeys) writeOwnKeys(definitions, apiKeys);
    }
    const child = spawn(
      process.execPath,
      [
        program,
        '--no-sample',
        '--stream-limits',
        ...['--port', String(await freePorts())],
        ...['--data-dir', folder],
        ...['--buffer-seconds', String(bufferSeconds)],
        ...(assembly === undefined ? [] : ['--assembly', resolve(assembly)]),
      ],
      { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const killChild = (): void => void child.kill('SIGKILL');
    process.once('exit', killChild);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const closed = once(child, 'close');
    const stop = async (): Promise<void> => {
      child.kill('SIGKILL');
      await closed;
      process.off('exit', killChild);
      rmSync(folder, { recursive: true, force: true });
    };
    await pollUntil(() => existsSync(endpointsFile) || child.exitCode !== null || undefined, {
      everyMs: 50,
      withinMs: longestStartMs,
    });
    if (existsSync(endpointsFile)) return { endpointsFile, stop };
    const isSlow = child.exitCode === null;
    await stop();
    if (isSlow)
      throw new TargetError(
        `the local stack was not ready after ${longestStartMs / 1_000} s:\n${errors.trim()}`,
      );
    if (!/port \d+ .* is taken/.test(errors) || attempt === 3)
      throw new TargetError(`the local stack did not start:\n${errors.trim()}`);
  }
}
