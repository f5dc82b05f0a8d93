import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns a folder of the test data kept beside the repository, or beside a folder around it; undefined where there
 * is none.
 */
export function sharedDataFolder(name: string): string | undefined {
  for (let folder = __dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(folder, 'shared/data', name);
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}
