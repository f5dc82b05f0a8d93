/**
 * Writes the text of a symlink file: the address of one object in each line, as Hive's SymlinkTextInputFormat reads
 * it (Athena user guide, "Query S3 inventory with Athena"). Without keys the text is empty, which means a day without
 * rows.
 *
 * @param keys in the bucket; their order is kept
 * @throws where a key contains a line break, which a list of lines can't express
 */
export function symlinkText(bucket: string, keys: readonly string[]): string {
  const broken = keys.find((key) => /[\r\n]/.test(key));
  if (broken !== undefined)
    throw new Error(
      `${JSON.stringify(broken)} holds a line break, so no symlink file can list it; rename it`,
    );
  return keys.map((key) => `s3://${bucket}/${key}\n`).join('');
}

export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/** Reads the text of {@link symlinkText}; blank lines are ignored. @throws {@link SymlinkError} */
export const parseSymlink = (text: string): readonly S3Address[] =>
  text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(line) ?? [];
    if (!bucket || !key) throw new SymlinkError(index + 1, line);
    return [{ bucket, key }];
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
