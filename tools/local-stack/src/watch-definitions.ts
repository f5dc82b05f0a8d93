import { existsSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

export interface DefinitionWatchOptions {
  /** Folders that hold definitions, TypeScript or JSON; one that does not exist is left out. */
  readonly folders: readonly string[];
  /** Gets a sentence for the terminal, once for each file. */
  readonly say: (line: string) => void;
}

/** Saving a file may be several writes; they are one change. */
const settleMs = 200;

/**
 * Says when a definition changes under a stack that runs: its templates, tables and models are those of its start.
 * Where the system can't watch a folder, nothing is said.
 *
 * @returns ends the watch
 */
export function watchDefinitions({ folders, say }: DefinitionWatchOptions): () => void {
  const said = new Set<string>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    for (const file of changed)
      if (!said.has(file)) {
        said.add(file);
        say(`${file} has changed; stop and run npm start again to use it.`);
      }
    changed.clear();
  };
  const watchers = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder): readonly FSWatcher[] => {
      try {
        const watcher = watch(folder, { recursive: true, persistent: false }, (_event, name) => {
          if (name === null || !isDefinition(name)) return;
          changed.add(join(folder, name));
          clearTimeout(timer);
          timer = setTimeout(tell, settleMs).unref();
        });
        // The system's watches may run out at any time.
        watcher.on('error', () => watcher.close());
        return [watcher];
      } catch {
        return [];
      }
    });
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

const isDefinition = (name: string): boolean =>
  (name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.endsWith('.samples.ts')) ||
  /\.(event|reference)\.json$/.test(name);
