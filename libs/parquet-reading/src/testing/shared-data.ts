import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder of the data kept beside the repository (or beside a folder around it); undefined where it is not there. */
export function sharedDataFolder(name: string): string | undefined {
  for (let folder = __dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(folder, 'shared/data', name);
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}
