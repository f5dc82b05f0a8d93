import { createHash } from 'node:crypto';

/** Keys by version, as a secret holds them. */
export interface HashKeys {
  /** The version with which new values are hashed or encrypted. */
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** Error for a secret of the wrong form. The message contains nothing of the secret. */
export class PrivacySecretError extends Error {
  override readonly name = 'PrivacySecretError';
}

/** Matches a version. It is part of every hash, so it must be short. */
const versionPattern = /^[a-z0-9]{1,8}$/;
/** Least number of characters in a key's text: 32 letters and digits have 190 bits. */
const minKeyCharacters = 32;

/**
 * Reads a secret: a JSON object with a key for each version, and in `current` the version for new values. A key is
 * any text of at least 32 characters; the 32 bytes of its SHA-256 are used.
 *
 * @example
 * import { currentHash, readHashKeys } from '@sluice/privacy';
 * const keys = readHashKeys('{"current":"1","1":"a text of at least 32 characters, kept secret"}');
 * const hash = currentHash(keys).of('ada@example.com');
 *
 * @throws PrivacySecretError
 */
export function readHashKeys(secret: string): HashKeys {
  let members: unknown;
  try {
    members = JSON.parse(secret);
  } catch {
    throw new PrivacySecretError('the secret is not JSON');
  }
  if (typeof members !== 'object' || members === null || Array.isArray(members))
    throw new PrivacySecretError('the secret is no JSON object of keys by version');
  const { current, ...texts } = members as Readonly<Record<string, unknown>>;
  const keys = new Map<string, Uint8Array>();
  for (const [version, text] of Object.entries(texts)) {
    if (!versionPattern.test(version))
      throw new PrivacySecretError(
        `the version ${JSON.stringify(version)} is not 1 to 8 of a to z and 0 to 9`,
      );
    if (typeof text !== 'string' || text.length < minKeyCharacters)
      throw new PrivacySecretError(
        `the key of version ${version} is not a text of at least ${minKeyCharacters} characters`,
      );
    keys.set(version, createHash('sha256').update(text).digest());
  }
  if (typeof current !== 'string' || !keys.has(current))
    throw new PrivacySecretError('"current" names none of the secret\'s versions');
  return { current, keys };
}
