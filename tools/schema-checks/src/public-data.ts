import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const findData = (folder: string): string | undefined => {
  const data = join(folder, 'shared/data');
  if (existsSync(data)) return data;
  return dirname(folder) === folder ? undefined : findData(dirname(folder));
};

/** Folder of the public data beside the repository; undefined where it is missing. */
export const publicDataFolder = findData(__dirname);
