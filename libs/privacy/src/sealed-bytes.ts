import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PrivacySecretError, type HashKeys } from './hash-keys';

/** Bytes that only the holder of a key can read, with the version of the key. */
export interface SealedBytes {
  readonly keyVersion: string;
  /** Nonce (12 bytes), cipher text and tag (16 bytes) of AES-256-GCM (NIST SP 800-38D). */
  readonly sealed: Uint8Array;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Error for bytes that were not encrypted with the key, or not for this place, or that were changed since. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

/**
 * Encrypts bytes with the current key.
 *
 * @param place is authenticated together with the bytes: they can't be decrypted for another place
 */
export function sealBytes(
  { current, keys }: HashKeys,
  bytes: Uint8Array,
  place: string,
): SealedBytes {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, keyOf(keys, current), nonce);
  cipher.setAAD(Buffer.from(place));
  const sealed = Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  return { keyVersion: current, sealed };
}

/**
 * Decrypts bytes.
 *
 * @throws UnsealError, and PrivacySecretError where the secret no longer has the key of that version
 */
export function openBytes(
  { keys }: Pick<HashKeys, 'keys'>,
  { keyVersion, sealed }: SealedBytes,
  place: string,
): Uint8Array {
  if (sealed.length < nonceBytes + tagBytes) throw new UnsealError('there are too few bytes');
  const decipher = createDecipheriv(
    algorithm,
    keyOf(keys, keyVersion),
    sealed.subarray(0, nonceBytes),
  );
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)),
      decipher.final(),
    ]);
  } catch {
    throw new UnsealError(
      'the bytes were sealed with another key or for another place, or changed since',
    );
  }
}

function keyOf(keys: HashKeys['keys'], version: string): Uint8Array {
  const key = keys.get(version);
  if (!key) throw new PrivacySecretError(`the secret has no key of version ${version}`);
  return key;
}
