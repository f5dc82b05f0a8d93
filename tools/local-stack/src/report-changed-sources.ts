import { existsSync, watch, type FSWatcher } from 'node:fs';
import { join, relative } from 'node:path';
import { workspaceRoot } from '@sluice/infra/synthesise';

export interface ChangedSourcesOptions {
  /** Folders of TypeScript definitions; one that does not exist is ignored. */
  readonly folders: readonly string[];
  /** Folder to which the paths in the sentences are relative. @default the checkout */
  readonly root?: string;
  /** Called with a sentence for the terminal, once for each file. */
  readonly say: (line: string) => void;
}

/** Returns the folders of the TypeScript definitions. They are built before a start, so a change requires a restart. */
export const definitionSources = (): readonly string[] =>
  ['events', 'references', 'joins', 'queries'].map((kind) =>
    join(workspaceRoot(), 'libs', 'event-types', 'src', kind),
  );

/** Milliseconds within which several writes of a file count as one change. */
const settleMs = 200;

/**
 * Reports when a TypeScript definition changes while a stack runs, because it is part of bundles and templates that
 * are built before a start. Nothing is reported where the system can't watch a folder.
 *
 * @returns a function that ends the watch
 */
export function reportChangedSources({
  folders,
  root = workspaceRoot(),
  say,
}: ChangedSourcesOptions): () => void {
  const said = new Set<string>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    const fresh = [...changed].filter((file) => !said.has(file));
    for (const file of fresh) said.add(file);
    const names = fresh.map((file) => relative(root, file)).join(', ');
    if (names !== '')
      say(
        `${names} ${fresh.length === 1 ? 'has' : 'have'} changed; stop and run npm start again to use ${fresh.length === 1 ? 'it' : 'them'}.`,
      );
    changed.clear();
  };
  const watchers = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder): readonly FSWatcher[] => {
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          if (name === null || !/^[\w-]+\.ts$/.test(name)) return;
          changed.add(join(folder, name));
          clearTimeout(timer);
          timer = setTimeout(tell, settleMs).unref();
        });
        // The system may run out of watches at any time.
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
