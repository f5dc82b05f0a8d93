// A binary fuse filter (Graf and Lemire 2022, "Binary Fuse Filters: Fast and Smaller Than Xor Filters",
// arXiv:2201.01174) with fingerprints of 8 bits. Each key has three positions in an array, whose bytes combine to the
// key's fingerprint. Other structures and their sizes: docs/adr/filters-of-keys.md.
import { createHash } from 'node:crypto';
import type { Column } from '@sluice/event-schema';
import type { KeyText } from './key-text';

/** A filter that tells whether a day may hold a key. */
export interface KeyFilter {
  /** Returns false only for keys that are not in the set; true for all that are, and for one in 256 of the others. */
  mayHold(text: KeyText): boolean;
  /** Approximate memory of the filter in bytes. */
  readonly retainedBytes: number;
}

/** Largest number of keys in a filter. Reading a larger filter would take longer than the row groups that it saves. */
export const maxFilterKeys = 1 << 22;

/**
 * Returns the form in which keys of a column become texts for a filter. A filter is only valid for keys that became
 * texts in the same form, which may change with the column's type.
 */
export const keyFilterForm = ({ type, schema }: Column): string =>
  JSON.stringify([generation, schema.format === 'uuid' ? 'uuid' : type]);

/** Current generation of filters. Filters without a number are of a table's first column, which need not be its key. */
const generation = 2;

/** Decides whether a filter was made from keys in their current form, whatever the type of its column. */
export const isCurrentKeyForm = (keyForm: string): boolean => keyForm.startsWith(`[${generation},`);

/**
 * Returns the text of a key for filters: a UUID in lower case, because files of earlier releases hold UUIDs as they
 * were sent.
 */
export const keyFilterText = (text: KeyText, { schema }: Column): KeyText =>
  schema.format === 'uuid' ? text.toLowerCase() : text;

/**
 * Range of each half of a key's number. The number has 52 bits, which a double holds exactly, and its halves are
 * mixed with each other.
 */
const halfRange = 2 ** 26;

/** Returns the number of a key, of 52 bits: two sums over its characters, each mixed so that every bit depends on all of them. */
export function keyNumber(text: KeyText): number {
  let a = 0x2545f491;
  let b = 0x4f6cdd1d;
  for (let index = 0; index < text.length; index++) {
    const letter = text.charCodeAt(index);
    a = Math.imul(a ^ letter, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b + letter, 0x85ebca77);
    b ^= b >>> 13;
  }
  a = mixed(a ^ text.length);
  b = mixed(b ^ a);
  return (a >>> 0) * 2 ** 20 + (b >>> 12);
}

/** Collects keys, in any order and with repetitions, and makes a filter of them. */
export class KeyFilterBuilder {
  #numbers = new Float64Array(1 << 10);
  #added = 0;

  add(text: KeyText): void {
    if (this.#added === this.#numbers.length) {
      const grown = new Float64Array(this.#added * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.#added++] = keyNumber(text);
  }

  /** Returns the stored form of the filter, and the number of distinct keys. No key may be added afterwards. */
  build(): { readonly bytes: Uint8Array; readonly keys: number } {
    const sorted = this.#numbers.subarray(0, this.#added).sort();
    let keys = 0;
    for (let index = 0; index < sorted.length; index++) {
      const number = sorted[index] ?? 0;
      if (index === 0 || number !== sorted[keys - 1]) sorted[keys++] = number;
    }
    const shape = shapeFor(keys);
    const numbers = sorted.subarray(0, keys);
    for (let seed = 1; seed <= maxSeeds; seed++) {
      const fingerprints = fuse(numbers, { ...shape, seed });
      if (fingerprints) return { bytes: encode(fingerprints, keys, { ...shape, seed }), keys };
    }
    throw new Error(`no filter could be made of ${keys} keys in ${maxSeeds} attempts`);
  }
}

/** Largest number of attempts, each of which gives the keys other positions. One attempt in a thousand fails. */
const maxSeeds = 100;

/** Segments of the array. The positions of a key are in three neighbouring segments. */
interface Shape {
  /** Number of positions in a segment, as a power of two. */
  readonly segmentBits: number;
  /** Number of segments that may hold the first position of a key. */
  readonly segments: number;
}

interface SeededShape extends Shape {
  readonly seed: number;
}

const arity = 3;

/**
 * Returns the sizes that the paper found by experiment: some 9 bits for each key where there are many, more where
 * there are few.
 */
function shapeFor(keys: number): Shape {
  if (keys < 2) return { segmentBits: 2, segments: 1 };
  const segmentBits = Math.min(16, Math.max(2, Math.floor(Math.log(keys) / Math.log(3.33) + 2.25)));
  const sizeFactor = Math.max(1.125, 0.875 + (0.25 * Math.log(1e6)) / Math.log(keys));
  const segments = Math.ceil((keys * sizeFactor) / 2 ** segmentBits) - (arity - 1);
  return { segmentBits, segments: Math.max(1, segments) };
}

const placesOf = ({ segmentBits, segments }: Shape): number =>
  (segments + arity - 1) << segmentBits;

/** Mixes 32 bits so that each of them depends on all (MurmurHash3's finaliser). */
function mixed(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The three positions of a key, and the combination of their bytes. The object is reused for each key. */
class Places {
  first = 0;
  second = 0;
  third = 0;
  fingerprint = 0;

  of(number: number, { seed, segmentBits, segments }: SeededShape): void {
    const low = number % halfRange;
    const high = Math.floor(number / halfRange);
    const a = mixed(low ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(seed, 0x27d4eb2f));
    const b = mixed(high ^ Math.imul(low, 0x85ebca77) ^ Math.imul(seed, 0x165667b1));
    const segmentPlaces = 1 << segmentBits;
    const mask = segmentPlaces - 1;
    this.first = Math.floor(((a >>> 0) * segments * segmentPlaces) / 2 ** 32);
    this.second = (this.first + segmentPlaces) ^ (b & mask);
    this.third = (this.first + 2 * segmentPlaces) ^ ((b >>> 16) & mask);
    this.fingerprint = mixed(a ^ Math.imul(b, 0xc2b2ae3d)) & 0xff;
  }
}

/**
 * Gives every position a byte so that the three of each key combine to its fingerprint; undefined where that is
 * impossible. A key that is alone at a position can be satisfied last by that position; removing it leaves others
 * alone at theirs, until none is left.
 */
function fuse(numbers: Float64Array, shape: SeededShape): Uint8Array | undefined {
  const size = placesOf(shape);
  const counts = new Uint8Array(size);
  /** Exclusive or of the indexes of the keys at a position; for a single key, its index. */
  const indexes = new Uint32Array(size);
  const places = new Places();
  const toggle = (place: number, index: number, by: 1 | -1): void => {
    counts[place] = (counts[place] ?? 0) + by;
    indexes[place] = (indexes[place] ?? 0) ^ index;
  };
  for (let index = 0; index < numbers.length; index++) {
    places.of(numbers[index] ?? 0, shape);
    for (const place of [places.first, places.second, places.third]) {
      // A count that does not fit in a byte would wrap around.
      if (counts[place] === 255) return undefined;
      toggle(place, index, 1);
    }
  }
  const order = new Uint32Array(numbers.length);
  const ownPlaces = new Uint32Array(numbers.length);
  const alone: number[] = [];
  for (let place = 0; place < size; place++) if (counts[place] === 1) alone.push(place);
  let taken = 0;
  for (let place = alone.pop(); place !== undefined; place = alone.pop()) {
    if (counts[place] !== 1) continue;
    const index = indexes[place] ?? 0;
    order[taken] = index;
    ownPlaces[taken++] = place;
    places.of(numbers[index] ?? 0, shape);
    for (const each of [places.first, places.second, places.third]) {
      toggle(each, index, -1);
      if (counts[each] === 1) alone.push(each);
    }
  }
  if (taken < numbers.length) return undefined;
  const fingerprints = new Uint8Array(size);
  while (taken-- > 0) {
    places.of(numbers[order[taken] ?? 0] ?? 0, shape);
    const { first, second, third, fingerprint } = places;
    // The key's own position still holds 0, so combining all three gives the value of the other two.
    fingerprints[ownPlaces[taken] ?? 0] =
      fingerprint ^
      (fingerprints[first] ?? 0) ^
      (fingerprints[second] ?? 0) ^
      (fingerprints[third] ?? 0);
  }
  return fingerprints;
}

/**
 * Header of the stored form: magic, form, bits of a segment, two unused bytes, seed, segments, keys. The bytes of the
 * positions and a checksum follow.
 */
const magic = 'SKF';
const form = 1;
const headerBytes = 20;
const checksumBytes = 8;

function encode(
  fingerprints: Uint8Array,
  keys: number,
  { seed, segmentBits, segments }: SeededShape,
): Uint8Array {
  const header = Buffer.alloc(headerBytes);
  header.write(magic, 'latin1');
  header.writeUInt8(form, 3);
  header.writeUInt8(segmentBits, 4);
  header.writeUInt32LE(seed, 8);
  header.writeUInt32LE(segments, 12);
  header.writeUInt32LE(keys, 16);
  const content = Buffer.concat([header, fingerprints]);
  return Buffer.concat([content, checksumOf(content)]);
}

const checksumOf = (content: Uint8Array): Buffer =>
  createHash('sha256').update(content).digest().subarray(0, checksumBytes);

/**
 * Reads a filter that {@link KeyFilterBuilder} made.
 *
 * @returns undefined where it has another form or any bit of it has changed, because its answers would be wrong
 */
export function decodeKeyFilter(bytes: Uint8Array): KeyFilter | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = file.length - checksumBytes;
  if (end < headerBytes || file.toString('latin1', 0, 3) !== magic || file[3] !== form)
    return undefined;
  if (!checksumOf(file.subarray(0, end)).equals(file.subarray(end))) return undefined;
  const shape: SeededShape = {
    segmentBits: file.readUInt8(4),
    seed: file.readUInt32LE(8),
    segments: file.readUInt32LE(12),
  };
  const isEmpty = file.readUInt32LE(16) === 0;
  const fingerprints = file.subarray(headerBytes, end);
  if (fingerprints.length !== placesOf(shape)) return undefined;
  const places = new Places();
  return {
    retainedBytes: file.length + 512,
    mayHold(text) {
      if (isEmpty) return false;
      places.of(keyNumber(text), shape);
      const { first, second, third, fingerprint } = places;
      return (
        ((fingerprints[first] ?? 0) ^ (fingerprints[second] ?? 0) ^ (fingerprints[third] ?? 0)) ===
        fingerprint
      );
    },
  };
}
