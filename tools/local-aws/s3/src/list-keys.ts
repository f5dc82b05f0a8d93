import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface ListRequest {
  /** Folder of the bucket. */
  readonly folder: string;
  readonly prefix: string;
  readonly delimiter: string;
  /** Key after which the page begins, exclusive. Where it is a common prefix, the keys below it are left out too. */
  readonly startAfter: string;
  /** Largest number of keys and common prefixes together. */
  readonly maxKeys: number;
}

export type ListEntry = { readonly key: string } | { readonly commonPrefix: string };

export interface ListPage {
  readonly entries: readonly ListEntry[];
  /** The last key or common prefix of the page, after which the next page starts. */
  readonly last?: string;
  readonly isTruncated: boolean;
}

/** Returns the rank of a code unit. Surrogates, which encode characters beyond U+FFFF, come after all others. */
const rank = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;

/** Compares keys by their UTF-8 bytes, which is S3's order. JavaScript's own order differs beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Lists one page. Reads only the folders that contain keys of the page. */
export async function listKeys(request: ListRequest): Promise<ListPage> {
  const { prefix, delimiter, startAfter, maxKeys } = request;
  const entries: ListEntry[] = [];
  let last: string | undefined;
  // A page that begins after a common prefix skips every key below it.
  let told =
    delimiter !== '' && commonPrefixOf(startAfter, prefix, delimiter) === startAfter
      ? startAfter
      : undefined;
  if (maxKeys === 0) return { entries, isTruncated: false };

  const walk = walkKeys(request, () => told);
  for await (const key of walk) {
    if (entries.length === maxKeys)
      return { entries, isTruncated: true, ...(last !== undefined && { last }) };
    const commonPrefix = delimiter === '' ? undefined : commonPrefixOf(key, prefix, delimiter);
    if (commonPrefix === undefined) {
      entries.push({ key });
      last = key;
    } else {
      entries.push({ commonPrefix });
      last = told = commonPrefix;
    }
  }
  return { entries, isTruncated: false, ...(last !== undefined && { last }) };
}

/** Returns the part of a key up to the first delimiter after the prefix, inclusive. */
function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (!key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

interface Walk {
  readonly prefix: string;
  readonly startAfter: string;
}

/** Yields keys in order. `told` names a prefix whose keys are to be skipped; it may change during the walk. */
async function* walkKeys(
  { folder, prefix, startAfter }: ListRequest,
  told: () => string | undefined,
): AsyncGenerator<string> {
  yield* walkFolder(folder, '', { prefix, startAfter }, told);
}

async function* walkFolder(
  folder: string,
  folderKey: string,
  walk: Walk,
  told: () => string | undefined,
): AsyncGenerator<string> {
  for (const { key, name, isFolder } of await readFolder(folder, folderKey)) {
    const done = told();
    if (done !== undefined && key.startsWith(done)) continue;
    if (isFolder) {
      const mayHoldPrefix = key.startsWith(walk.prefix) || walk.prefix.startsWith(key);
      const isBehind = compareKeys(key, walk.startAfter) < 0 && !walk.startAfter.startsWith(key);
      if (mayHoldPrefix && !isBehind) yield* walkFolder(join(folder, name), key, walk, told);
    } else if (key.startsWith(walk.prefix) && compareKeys(key, walk.startAfter) > 0) yield key;
  }
}

interface FolderEntry {
  readonly key: string;
  readonly name: string;
  readonly isFolder: boolean;
}

/** Returns a folder's entries in order. A folder's key ends with "/", and sorts by it: "a-b" < "a.c" < "a/" < "a0". */
async function readFolder(folder: string, folderKey: string): Promise<readonly FolderEntry[]> {
  let found: Dirent[];
  try {
    found = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // The folder was removed since its parent was read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const entries: FolderEntry[] = [];
  for (const entry of found) {
    const { name } = entry;
    if (entry.isDirectory()) entries.push({ key: `${folderKey}${name}/`, name, isFolder: true });
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(folder, name)))))
      entries.push({ key: folderKey + name, name, isFolder: false });
  }
  return entries.sort((a, b) => compareKeys(a.key, b.key));
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
