import { createHash, createHmac, randomBytes } from 'node:crypto';
import { currentHash, everyHash, isKeyedHash, openBytes, readHashKeys, sealBytes } from '.';
import { HmacSha256 } from './hmac-sha256';
import { maskAscii, maskedText, truncatedIp, truncateIpv4 } from './masked-text';

const text1 = 'first-key-first-key-first-key-first-key';
const text2 = 'other-key-other-key-other-key-other-key';
const keys = readHashKeys(JSON.stringify({ current: '2', '1': text1, '2': text2 }));

const nodeHash = (version: string, keyText: string, value: string): string =>
  `h${version}_` +
  createHmac('sha256', createHash('sha256').update(keyText).digest())
    .update(value)
    .digest()
    .subarray(0, 16)
    .toString('base64url');

test('the digest is that of Node for texts of every length up to five blocks', () => {
  const key = randomBytes(32);
  const hmac = new HmacSha256(key);
  for (let length = 0; length <= 320; length++) {
    const bytes = randomBytes(length + 3);
    hmac.digest(bytes, 2, 2 + length);
    const digest = Buffer.alloc(32);
    hmac.digestWords.forEach((word, index) => digest.writeInt32BE(word, index * 4));
    const expected = createHmac('sha256', key)
      .update(bytes.subarray(2, 2 + length))
      .digest();
    expect(digest.equals(expected)).toBe(true);
  }
});

test('a hash carries its version, and is the same for the same text', () => {
  const hash = currentHash(keys).of('ada@example.org');
  expect(hash).toBe(nodeHash('2', text2, 'ada@example.org'));
  expect(isKeyedHash(hash)).toBe(true);
  expect(currentHash(keys).of('Ada@example.org')).not.toBe(hash);
  expect(everyHash(keys, 'é')).toEqual([nodeHash('2', text2, 'é'), nodeHash('1', text1, 'é')]);
});

test('texts that come again have the hash that they had, whatever came between', () => {
  const hash = currentHash(keys);
  const texts = Array.from({ length: 3_000 }, (_, index) =>
    `person ${index % 1_500} `.repeat(1 + (index % 7)),
  );
  for (const text of texts) expect(hash.of(text)).toBe(nodeHash('2', text2, text));
});

test.each([
  ['', 'not JSON'],
  ['[]', 'no JSON object'],
  ['{"current":"1"}', 'names none'],
  [`{"current":"2","1":"${text1}"}`, 'names none'],
  ['{"current":"1","1":"short"}', 'at least 32'],
  [`{"current":"A!","A!":"${text1}"}`, '1 to 8'],
])('a secret %j is refused: %s, and nothing of it is said', (secret, why) => {
  expect(() => readHashKeys(secret)).toThrow(why);
  expect(() => readHashKeys(secret)).not.toThrow(/short|first-key/);
});

describe('sealed bytes', () => {
  const original = Buffer.from('{"email":"ada@example.org"}');

  test('open with the key of their version, in their place', () => {
    const sealed = sealBytes(keys, original, 'order 1');
    expect(sealed.keyVersion).toBe('2');
    expect(Buffer.from(sealed.sealed).includes('ada@')).toBe(false);
    expect(Buffer.from(openBytes(keys, sealed, 'order 1')).equals(original)).toBe(true);
    const rotated = readHashKeys(JSON.stringify({ current: '3', '2': text2, '3': text1 }));
    expect(Buffer.from(openBytes(rotated, sealed, 'order 1')).equals(original)).toBe(true);
  });

  test('open nowhere else, not with another key, and not when a bit was changed', () => {
    const sealed = sealBytes(keys, original, 'order 1');
    expect(() => openBytes(keys, sealed, 'order 2')).toThrow('another place');
    expect(() => openBytes(keys, { ...sealed, keyVersion: '1' }, 'order 1')).toThrow('another key');
    expect(() => openBytes(keys, { ...sealed, keyVersion: '9' }, 'order 1')).toThrow('version 9');
    const changed = Uint8Array.from(sealed.sealed);
    changed[20] = (changed[20] ?? 0) ^ 1;
    expect(() => openBytes(keys, { ...sealed, sealed: changed }, 'order 1')).toThrow('changed');
    expect(() => openBytes(keys, { ...sealed, sealed: changed.subarray(0, 5) }, 'order 1')).toThrow(
      'too few',
    );
  });
});

test.each([
  ['', ''],
  ['short', '***'],
  ['elevenchars', '***'],
  ['4111111111111111', '***1111'],
  ['ada@example.org', '***.org'],
  ['𝟜𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙', '***𝟙𝟙𝟙𝟙'],
  ['***1111', '***1111'],
])('%j is masked as %j', (text, masked) => {
  expect(maskedText(text)).toBe(masked);
  expect([masked, undefined]).toContain(inPlace(maskAscii, text));
});

/** Returns a text after it was changed in place; undefined where the slower path has to change it. */
function inPlace(
  change: (bytes: Uint8Array, start: number, end: number) => number,
  text: string,
): string | undefined {
  const bytes = Buffer.from(`"${text}"   `);
  const end = change(bytes, 1, bytes.length - 4);
  return end < 0 ? undefined : bytes.subarray(1, end).toString();
}

test('most texts need no slower way', () => {
  expect(inPlace(maskAscii, '4111111111111111')).toBe('***1111');
  expect(inPlace(maskAscii, 'short')).toBe('***');
  expect(inPlace(maskAscii, 'a')).toBe('***');
  expect(inPlace(truncateIpv4, '203.0.113.7')).toBe('203.0.113.0');
});

test.each([
  ['203.0.113.77', '203.0.113.0'],
  ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::'],
  ['2001:DB8::1', '2001:db8::'],
  ['2001:db8:0:5::', '2001:db8::'],
  ['fe80::1%eth0', 'fe80::'],
  ['::1', '::'],
  ['::', '::'],
  ['::ffff:203.0.113.77', '::ffff:203.0.113.0'],
  ['::ffff:cb00:714d', '::ffff:203.0.113.0'],
  ['64:ff9b::203.0.113.77', '64:ff9b::'],
  ['203.0.113.077', undefined],
  ['203.0.113.77:443', undefined],
  ['203.0.113.77, 10.0.0.1', undefined],
  ['unknown', undefined],
  ['', undefined],
])('of the address %j stays %j', (text, kept) => {
  expect(truncatedIp(text)).toBe(kept);
  expect([kept, undefined]).toContain(inPlace(truncateIpv4, text));
  if (kept !== undefined) expect(truncatedIp(kept)).toBe(kept);
});
