import { isRawFile } from './manifest';
import type { ListOptions, ObjectInfo, ObjectStore } from './object-store';

/**
 * Lists the raw files below a prefix, in the order of their keys, without objects that engines pass over.
 *
 * @param prefix such as `rawPrefix(table, date)`
 */
export async function rawFilesBelow(
  store: Pick<ObjectStore, 'list'>,
  prefix: string,
  options: ListOptions = {},
): Promise<readonly ObjectInfo[]> {
  const files: ObjectInfo[] = [];
  for await (const file of store.list(prefix, options)) if (isRawFile(file)) files.push(file);
  return files;
}
