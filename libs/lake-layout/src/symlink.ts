/**
 * The text of a symlink file: the address of one object a line, as Hive's SymlinkTextInputFormat reads it (Athena user guide,
 * "Query S3 inventory with Athena"). No keys give an empty text, which is a day without rows.
 *
 * @param keys in the bucket; kept in their order
 * @throws where a key holds a line break, which no list of lines can hold
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

/** Reads {@link symlinkText}; blank lines are skipped. @throws {@link SymlinkError} */
export const parseSymlink = (text: string): readonly S3Address[] =>
  text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(line) ?? [];
    if (!bucket || !key) throw new SymlinkError(index + 1, line);
    return [{ bucket, key }];
  });

/** A line of a symlink file that is no address. */
export class SymlinkError extends Error {
  override readonly name = 'SymlinkError';
  constructor(
    /** Line of the file, from 1. */
    readonly line: number,
    text: string,
  ) {
    super(`line ${line} of the symlink file is no s3://bucket/key: ${text.slice(0, 200)}`);
  }
}
