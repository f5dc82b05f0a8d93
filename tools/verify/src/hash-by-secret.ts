import { createHash, createHmac } from 'node:crypto';

/** Bytes of a hash that are kept, 128 bits. */
const hashBytes = 16;

/**
 * Returns what hashes a text as the stage's transformers should, by Node's own HMAC and none of the code of the
 * transformers (docs/privacy.md, "Hashes").
 *
 * @param secret JSON with the key of each version, and in `current` the version of new hashes
 */
export function hashBySecret(secret: string): (text: string) => string {
  const members = JSON.parse(secret) as Readonly<Record<string, string>>;
  const { current = '' } = members;
  const key = createHash('sha256')
    .update(members[current] ?? '')
    .digest();
  return (text) => {
    const hmac = createHmac('sha256', key).update(text).digest().subarray(0, hashBytes);
    return `h${current}_${hmac.toString('base64url')}`;
  };
}
