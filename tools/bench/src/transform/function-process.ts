import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { EventType } from '@sluice/event-schema';

const run = promisify(execFile);

/** A function's bundle in a folder of its own, as it is deployed, for separate processes. */
export interface StagedFunction {
  /**
   * Runs a script in a new Node process, with `bundleUrl` set, and returns the JSON that it prints last. Flags of V8
   * make Node start without its code cache, which is slower.
   */
  run(script: string, nodeFlags?: readonly string[]): Promise<unknown>;
  remove(): void;
}

/** Copies a bundle into a temporary folder. @param bundle path of an `index.mjs` */
export function stageFunction(
  bundle: string,
  eventType: EventType,
  environment: Readonly<Record<string, string>>,
): StagedFunction {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const staged = join(folder, 'index.mjs');
  cpSync(dirname(bundle), folder, { recursive: true });
  writeFileSync(join(folder, 'event-types.json'), JSON.stringify([eventType]));
  return {
    async run(script, nodeFlags = []) {
      const source = `const bundleUrl = ${JSON.stringify(`file://${staged}`)};\n${script}`;
      const { stdout } = await run(
        process.execPath,
        [...nodeFlags, '--input-type=module', '-e', source],
        { env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024 },
      );
      return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? 'null') as unknown;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
