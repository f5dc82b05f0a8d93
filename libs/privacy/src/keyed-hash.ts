import { fnv1a } from '@sluice/values';
import { HmacSha256 } from './hmac-sha256';
import type { HashKeys } from './hash-keys';

/** Characters of a hash after its version: its first 128 bits, the least that RFC 2104 recommends (section 5). */
const hashCharacters = 22;

/** Matches a stored hash: `h1_` and 22 characters of base64url (RFC 4648, section 5). */
const hashPattern = /^h[a-z0-9]{1,8}_[A-Za-z0-9_-]{22}$/;

/** Decides whether a text has the form of a hash. */
export const isKeyedHash = (text: string): boolean => hashPattern.test(text);

/** Largest size of a hash in bytes. */
const maxHashBytes = 1 + 8 + 1 + hashCharacters;

const alphabet = Uint8Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  (character) => character.charCodeAt(0),
);

/** Writes three bytes as four characters. */
function putGroup(to: Uint8Array, at: number, group: number): number {
  to[at] = alphabet[group >>> 18] as number;
  to[at + 1] = alphabet[(group >>> 12) & 0x3f] as number;
  to[at + 2] = alphabet[(group >>> 6) & 0x3f] as number;
  to[at + 3] = alphabet[group & 0x3f] as number;
  return at + 4;
}

/** Number of texts that are remembered, a power of two. Events of one person come in bursts. */
const memoSlots = 1_024;
/** Largest size in bytes of a text that is remembered; names and addresses are shorter. */
const memoTextBytes = 64;

/** Hashes texts with one key. The same text has the same hash wherever it occurs. */
export class KeyedHash {
  readonly #hmac: HmacSha256;
  readonly #prefix: Uint8Array;
  /** One text for each slot, with its hash. A quick hash of the text selects the slot. */
  readonly #texts = new Uint8Array(memoSlots * memoTextBytes);
  readonly #lengths = new Int8Array(memoSlots).fill(-1);
  readonly #hashes = new Uint8Array(memoSlots * maxHashBytes);

  constructor(version: string, key: Uint8Array) {
    this.#hmac = new HmacSha256(key);
    this.#prefix = new TextEncoder().encode(`h${version}_`);
  }

  /**
   * Writes the hash of a range of UTF-8. Source and target may share their memory.
   *
   * @param at index of the first byte to write; there must be room for {@link maxHashBytes}
   * @returns the index after the last byte
   */
  write(text: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
    const length = end - start;
    if (length > memoTextBytes) return this.#compute(text, start, end, to, at);
    const texts = this.#texts;
    const hashes = this.#hashes;
    const quick = fnv1a(text, start, end);
    const slot = (quick ^ (quick >>> 15)) & (memoSlots - 1);
    const known = slot * memoTextBytes;
    const hash = slot * maxHashBytes;
    const hashBytes = this.#prefix.length + hashCharacters;
    let same = this.#lengths[slot] === length;
    for (let index = 0; same && index < length; index++)
      same = texts[known + index] === text[start + index];
    if (same) {
      for (let index = 0; index < hashBytes; index++)
        to[at + index] = hashes[hash + index] as number;
      return at + hashBytes;
    }
    for (let index = 0; index < length; index++)
      texts[known + index] = text[start + index] as number;
    this.#lengths[slot] = length;
    const next = this.#compute(text, start, end, to, at);
    for (let index = 0; index < hashBytes; index++) hashes[hash + index] = to[at + index] as number;
    return next;
  }

  #compute(text: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
    this.#hmac.digest(text, start, end);
    const words = this.#hmac.digestWords;
    let next = at;
    for (const byte of this.#prefix) to[next++] = byte;
    const first = words[0] as number;
    const second = words[1] as number;
    const third = words[2] as number;
    const fourth = words[3] as number;
    next = putGroup(to, next, first >>> 8);
    next = putGroup(to, next, ((first & 0xff) << 16) | (second >>> 16));
    next = putGroup(to, next, ((second & 0xffff) << 8) | (third >>> 24));
    next = putGroup(to, next, third & 0xff_ffff);
    next = putGroup(to, next, fourth >>> 8);
    to[next++] = alphabet[(fourth >>> 2) & 0x3f] as number;
    to[next++] = alphabet[(fourth & 3) << 4] as number;
    return next;
  }

  /** Returns the hash of a text. */
  of(text: string): string {
    const bytes = new TextEncoder().encode(text);
    const to = new Uint8Array(maxHashBytes);
    return new TextDecoder().decode(to.subarray(0, this.write(bytes, 0, bytes.length, to, 0)));
  }
}

/** Returns the hash function of the current key. */
export const currentHash = ({ current, keys }: HashKeys): KeyedHash => {
  const key = keys.get(current);
  if (!key) throw new Error(`the secret of the hashes has no key of version ${current}`);
  return new KeyedHash(current, key);
};

/** Returns the hashes that a text may have in the lake: one for each version of the key, the current one first. */
export const everyHash = ({ current, keys }: HashKeys, text: string): readonly string[] =>
  [...keys]
    .sort(([a], [b]) => Number(b === current) - Number(a === current))
    .map(([version, key]) => new KeyedHash(version, key).of(text));
