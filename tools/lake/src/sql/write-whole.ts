import { realpath, rename, rm, stat } from 'node:fs/promises';
import { LakeError } from './lake';

/**
 * Writes a file that appears whole or not at all. What a link stands for is written, and the link stays. Writes straight
 * into what is no file, such as a pipe or a device.
 *
 * @param write writes into the path that it is given
 * @throws LakeError where the file system refuses
 */
export async function writeWhole(
  file: string,
  write: (draft: string) => Promise<void>,
): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  const target = found?.isFile() === true ? await realpath(file) : file;
  const draft = found && !found.isFile() ? file : `${target}.draft`;
  try {
    await write(draft);
    if (draft !== file) await rename(draft, target);
  } catch (error) {
    if (draft !== file) await rm(draft, { force: true }).catch(() => undefined);
    // Errors of the file system name the call that failed; DuckDB's do not.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new LakeError(`${file} can't be written: ${(error as Error).message}`);
  }
}
