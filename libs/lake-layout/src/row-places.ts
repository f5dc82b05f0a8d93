// Where the rows of a value are: for each value of a sealed day's index the row groups of its rows, in an object
// whose key and whose parts are known without the manifest. So a look-up with empty caches fetches both at once
// (docs/adr/indexes-of-values.md).
import { keyNumber } from './key-filter';
import { indexPrefix, type LakeDate } from './keys';
import type { KeyText } from './key-text';

/** A row group of a day. */
export interface GroupPlace {
  /** Position of the file among the day's files in the order of their keys (code points). */
  readonly file: number;
  /** Number of the row group in its file. */
  readonly group: number;
}

/** The sizes that an object may have: as powers of two, the numbers of its slots. Readers ask for the slot of each size. */
export const placesSizes = [0, 4, 8, 12] as const;

/** Size of a slot in bytes. */
const slotBytes = 16 << 10;
/** Size in bytes of what a slot begins with: the token of the day's files, and the number of entries. */
const headerBytes = 20;
const tokenBytes = 16;
/** Size in bytes of an entry: the last 32 bits of the value's number, and the place. */
const entryBytes = 8;
const slotEntries = (slotBytes - headerBytes) / entryBytes;
/** Number of row groups of a value beyond which none of them is named: fetching so many early would not pay. */
const maxGroupsOfValue = 4;
const groupBits = 20;
const maxBits = Math.max(...placesSizes);

/**
 * Returns the key of the object with the places of a day's values.
 *
 * @param sizeBits one of {@link placesSizes}
 */
export const placesKey = (
  table: string,
  date: LakeDate,
  { column, sizeBits }: { readonly column: string; readonly sizeBits: number },
): string => `${indexPrefix(table, date)}${column}/places-${sizeBits}.bin`;

/** Returns the byte range of the slot of a value, end exclusive. */
export function placesRange(
  text: KeyText,
  sizeBits: number,
): { readonly start: number; readonly end: number } {
  const slot = slotOf(keyNumber(text), sizeBits);
  return { start: slot * slotBytes, end: (slot + 1) * slotBytes };
}

/** Returns the slot of a value: the first `sizeBits` of its number's 52 bits. */
const slotOf = (number: number, sizeBits: number): number =>
  Math.floor(number / 2 ** (52 - sizeBits));

/**
 * Returns the row groups that a slot names for a value, some of another value now and then.
 *
 * @param of token of the day's files ({@link filesToken}); of other files nothing is known
 */
export function placesIn(slot: Uint8Array, text: KeyText, of: string): readonly GroupPlace[] {
  const view = Buffer.from(slot.buffer, slot.byteOffset, slot.length);
  if (view.length !== slotBytes || view.toString('latin1', 0, tokenBytes) !== of) return [];
  const wanted = fingerprintOf(keyNumber(text));
  const entries = Math.min(view.readUInt32LE(tokenBytes), slotEntries);
  const places: GroupPlace[] = [];
  for (let entry = 0, at = headerBytes; entry < entries; entry++, at += entryBytes) {
    if (view.readUInt32LE(at) !== wanted) continue;
    const place = view.readUInt32LE(at + 4);
    places.push({ file: place >>> groupBits, group: place & ((1 << groupBits) - 1) });
  }
  return places.length > maxGroupsOfValue ? [] : places;
}

const fingerprintOf = (number: number): number => number % 2 ** 32;

/** Collects the row groups of values, in any order and with repetitions, and makes an object of them. */
export class RowPlacesBuilder {
  #numbers = new Float64Array(1 << 10);
  #places = new Uint32Array(1 << 10);
  #added = 0;

  /** @param text of the value, as a filter of values takes it */
  add(text: KeyText, { file, group }: GroupPlace): void {
    if (this.#added === this.#numbers.length) {
      const numbers = new Float64Array(this.#added * 2);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
      const places = new Uint32Array(this.#added * 2);
      places.set(this.#places);
      this.#places = places;
    }
    this.#numbers[this.#added] = keyNumber(text);
    this.#places[this.#added++] = ((file << groupBits) | group) >>> 0;
  }

  /**
   * Returns the object, of the smallest size that has room for all slots. In the largest size a slot that is full leaves values out.
   *
   * @param of token of the day's files
   */
  build(of: string): { readonly bytes: Uint8Array; readonly sizeBits: number } {
    const slots = this.#slots();
    const sizeBits =
      placesSizes.find((bits) =>
        entriesBySlot(slots, bits).every((count) => count <= slotEntries),
      ) ?? maxBits;
    const bytes = Buffer.alloc(slotBytes * 2 ** sizeBits);
    const counts = new Uint32Array(2 ** sizeBits);
    for (const [at, entries] of slots.entries()) {
      const slot = at >>> (maxBits - sizeBits);
      for (const [fingerprint, places] of entries) {
        const before = counts[slot] ?? 0;
        if (before + places.length > slotEntries) continue;
        for (const [index, place] of places.entries()) {
          const entry = slot * slotBytes + headerBytes + (before + index) * entryBytes;
          bytes.writeUInt32LE(fingerprint, entry);
          bytes.writeUInt32LE(place, entry + 4);
        }
        counts[slot] = before + places.length;
      }
    }
    for (const [slot, count] of counts.entries()) {
      bytes.write(of, slot * slotBytes, tokenBytes, 'latin1');
      bytes.writeUInt32LE(count, slot * slotBytes + tokenBytes);
    }
    return { bytes, sizeBits };
  }

  /** Returns the distinct places of each value, by slots of the largest size, without values that have too many. */
  #slots(): readonly ReadonlyMap<number, readonly number[]>[] {
    const starts = new Uint32Array(2 ** maxBits + 1);
    for (let at = 0; at < this.#added; at++) {
      const slot = slotOf(this.#numbers[at] ?? 0, maxBits);
      starts[slot + 1] = (starts[slot + 1] ?? 0) + 1;
    }
    for (let slot = 0; slot < 2 ** maxBits; slot++)
      starts[slot + 1] = (starts[slot + 1] ?? 0) + (starts[slot] ?? 0);
    const next = starts.slice();
    const order = new Uint32Array(this.#added);
    for (let at = 0; at < this.#added; at++) {
      const slot = slotOf(this.#numbers[at] ?? 0, maxBits);
      const place = next[slot] ?? 0;
      order[place] = at;
      next[slot] = place + 1;
    }
    return Array.from({ length: 2 ** maxBits }, (_, slot) => {
      const values = new Map<number, number[]>();
      for (const at of order.subarray(starts[slot], starts[slot + 1])) {
        const fingerprint = fingerprintOf(this.#numbers[at] ?? 0);
        const place = this.#places[at] ?? 0;
        const places = values.get(fingerprint);
        if (!places) values.set(fingerprint, [place]);
        else if (places.length <= maxGroupsOfValue && !places.includes(place)) places.push(place);
      }
      for (const [fingerprint, places] of values)
        if (places.length > maxGroupsOfValue) values.delete(fingerprint);
      return values;
    });
  }
}

function entriesBySlot(
  slots: readonly ReadonlyMap<number, readonly number[]>[],
  sizeBits: number,
): readonly number[] {
  const counts = new Array<number>(2 ** sizeBits).fill(0);
  for (const [at, entries] of slots.entries()) {
    const slot = at >>> (maxBits - sizeBits);
    for (const places of entries.values()) counts[slot] = (counts[slot] ?? 0) + places.length;
  }
  return counts;
}
