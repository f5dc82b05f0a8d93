import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface BundleBytes {
  /** Size of all deployed files, in bytes. */
  readonly whole: number;
  /** Size of the files that are loaded before the first event, in bytes. */
  readonly imported: number;
}

/** Returns the sizes of a bundle. @param bundle its `index.mjs` */
export async function bundleBytes(bundle: string): Promise<BundleBytes> {
  const folder = dirname(bundle);
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
  const sizes = await Promise.all(
    scripts.map(async (name) => (await stat(join(folder, name))).size),
  );
  const imported = new Map<string, number>();
  const wanted = ['index.mjs'];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (imported.has(name)) continue;
    const text = await readFile(join(folder, name), 'utf8');
    imported.set(name, Buffer.byteLength(text));
    // `import("…")` is not matched, because it is only loaded when it is reached.
    for (const [, file = ''] of text.matchAll(/(?:from|import)"\.\/([^"]+\.mjs)"/g))
      wanted.push(file);
  }
  const sum = (bytes: Iterable<number>): number =>
    [...bytes].reduce((total, one) => total + one, 0);
  return { whole: sum(sizes), imported: sum(imported.values()) };
}
