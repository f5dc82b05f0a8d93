import { definitionsFingerprint } from '@sluice/lake';

/** Milliseconds between two checks: often enough for a person who waits, and at almost no cost. */
const everyMs = 500;

/** Detects changes of the definitions in a folder. */
export interface DefinitionsWatch {
  /** Resolves once files have been added, changed or removed since the last call, and are no longer changing. */
  changed(signal: AbortSignal): Promise<void>;
}

/** Watches the definition files of a folder, which need not exist. */
export function watchDefinitions(folder: string): DefinitionsWatch {
  let seen = definitionsFingerprint(folder);
  return {
    changed: (signal) =>
      new Promise((resolve) => {
        let last = definitionsFingerprint(folder);
        const timer = setInterval(() => {
          const now = definitionsFingerprint(folder);
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
