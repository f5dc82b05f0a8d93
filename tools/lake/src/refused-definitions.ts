import { apiKeysFile } from '@sluice/event-schema/node';
import {
  dataDirectory,
  dataDirectoryHolder,
  type DataDirectory,
} from '@sluice/lake-layout/data-directory';
import { UsageError } from '@sluice/terminal/command-line';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// A running stack and the commands that write definitions are processes of their own. This file tells a command that
// waits for its definition why the stack does not serve it.

type Place = Pick<DataDirectory, 'definitions' | 'refusedDefinitionsFile'>;

interface Refusal {
  /** Fingerprint of the definitions that were refused. */
  readonly definitions: string;
  readonly reason: string;
}

/** Returns a text of the names, sizes and times of a folder's definitions, which differs after any change. */
export function definitionsFingerprint(folder: string): string {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return '';
  }
  return names
    .filter((name) => /\.(event|reference)\.json$/.test(name) || name === apiKeysFile)
    .sort()
    .map((name) => {
      const info = statSync(join(folder, name), { throwIfNoEntry: false });
      return info ? `${name} ${info.size} ${info.mtimeMs}` : '';
    })
    .join('\n');
}

/**
 * Notes that the running stack can't use the definitions of its data directory.
 *
 * @param definitions their fingerprint, taken before they were read
 */
export function noteRefusedDefinitions(
  { refusedDefinitionsFile }: Place,
  definitions: string,
  reason: string,
): void {
  try {
    writeFileSync(
      refusedDefinitionsFile,
      JSON.stringify({ definitions, reason } satisfies Refusal),
    );
  } catch {
    // The disk may be full. The stack has reported the refusal on its terminal; a command that waits gives up later.
  }
}

export const forgetRefusedDefinitions = ({ refusedDefinitionsFile }: Place): void =>
  rmSync(refusedDefinitionsFile, { force: true });

/**
 * Returns why the running stack refused the definitions as they are now. Undefined where it did not, or has not
 * looked at them since they changed.
 */
export function refusedDefinitions({
  definitions,
  refusedDefinitionsFile,
}: Place): string | undefined {
  let refusal: Partial<Refusal>;
  try {
    refusal = JSON.parse(readFileSync(refusedDefinitionsFile, 'utf8')) as Partial<Refusal>;
  } catch {
    return undefined;
  }
  return refusal.definitions === definitionsFingerprint(definitions) ? refusal.reason : undefined;
}

/**
 * Checks that the stack of a data directory serves its current definitions, which a command is about to use.
 *
 * @throws UsageError where the stack refused them and runs with earlier ones
 */
export function checkServed(dataDir: string): void {
  const reason = refusedDefinitions(dataDirectory(dataDir));
  if (reason !== undefined && dataDirectoryHolder(dataDir) !== undefined)
    throw new UsageError(
      `the stack has refused the current definitions and still uses earlier ones: ${reason}. Fix them, or undo the change, and run the command again`,
    );
}
