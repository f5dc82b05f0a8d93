import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Error for a file of the local stack that does not hold what the stack wrote; the message is meant for a person. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';

  /** @param remedy what the user can do, and what that costs */
  constructor(file: string, reason: string, remedy: string) {
    super(`${file} is damaged (${reason}): ${remedy}`);
  }
}

/**
 * Reads a file that the local stack wrote.
 *
 * @param parse throws where the text is not one that the local stack writes
 * @param remedy what the user can do where it is damaged
 * @returns undefined where there is no such file
 * @throws {@link DamagedFileError}
 */
export function readOwnFile<T>(
  file: string,
  parse: (text: string) => T,
  remedy: string,
): T | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (bytes.length === 0) throw new DamagedFileError(file, 'it is empty', remedy);
  try {
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    // JSON.parse quotes the text in its message, which may be a secret.
    const reason =
      error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message.replace(/\.$/, '');
    throw new DamagedFileError(file, reason, remedy);
  }
}

/** Writes a file so that a reader sees either the old or the new one, never a part. Only its owner may read it. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.draft`, text, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}

/**
 * Parses the JSON text of an object whose members with these names must be texts.
 *
 * @throws Error naming the first that is not
 */
export function parseTexts<Name extends string>(
  text: string,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const value: unknown = JSON.parse(text);
  if (value === null || typeof value !== 'object') throw new Error('it holds no object');
  for (const name of names) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof member !== 'string' || member === '') throw new Error(`"${name}" is no text`);
  }
  return value as Readonly<Record<Name, string>>;
}
