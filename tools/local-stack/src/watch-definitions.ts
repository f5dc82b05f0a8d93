import { apiKeysFile } from '@sluice/event-schema/node';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Milliseconds between two checks: often enough for a person who waits, and at almost no cost. */
const everyMs = 500;

/** Detects changes of the definitions in a folder. */
export interface DefinitionsWatch {
  /** Resolves once files have been added, changed or removed since the last call, and are no longer changing. */
  changed(signal: AbortSignal): Promise<void>;
}

/** Watches the definition files of a folder, which need not exist. */
export function watchDefinitions(folder: string): DefinitionsWatch {
  let seen = fingerprint(folder);
  return {
    changed: (signal) =>
      new Promise((resolve) => {
        let last = fingerprint(folder);
        const timer = setInterval(() => {
          const now = fingerprint(folder);
          const isAtRest = now === last;
          last = now;
          if (!isAtRest || now === seen) return;
          seen = now;
          clearInterval(timer);
          resolve();
        }, everyMs);
        signal.addEventListener('abort', () => clearInterval(timer), { once: true });
      }),
  };
}

/** Returns a text of the names, sizes and times of the definitions, which differs after any change. */
function fingerprint(folder: string): string {
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
