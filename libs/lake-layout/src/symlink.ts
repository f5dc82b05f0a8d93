import { parseObjectPath, type S3Address } from './object-path';

/**
 * Reads the text of a symlink file: the address of one object in each line, as Hive's SymlinkTextInputFormat reads it
 * (Athena user guide, "Query S3 inventory with Athena"). Blank lines are ignored; without others a day has no rows.
 *
 * @throws {@link SymlinkError}
 */
export const parseSymlink = (text: string): readonly S3Address[] =>
  text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const address = parseObjectPath(line);
    if (!address?.key) throw new SymlinkError(index + 1, line);
    return [address];
  });

/** Error for a line of a symlink file that is not an address. */
export class SymlinkError extends Error {
  override readonly name = 'SymlinkError';
  constructor(
    /** Number of the line, from 1. */
    readonly line: number,
    text: string,
  ) {
    super(`line ${line} of the symlink file is no s3://bucket/key: ${text.slice(0, 200)}`);
  }
}
