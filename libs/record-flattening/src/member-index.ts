import { fnv1a } from '@sluice/values';
import { backslash, stringOf } from './json-scanner';

const encoder = new TextEncoder();

/**
 * Finds an object's member by the bytes of its name, in a hash table over bytes: no string is allocated, and a name
 * such as `__proto__` needs no special treatment.
 */
export class MemberIndex {
  readonly #keys: Uint8Array[] = [];
  readonly #members: number[] = [];
  #slots = new Int32Array(8).fill(-1);

  /** Adds a member. @param key the name as `JSON.stringify` writes it, in UTF-8 */
  add(key: Uint8Array, member: number): void {
    this.#keys.push(key);
    this.#members.push(member);
    if (this.#keys.length * 2 <= this.#slots.length) {
      this.#place(this.#keys.length - 1);
      return;
    }
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let entry = 0; entry < this.#keys.length; entry++) this.#place(entry);
  }

  #place(entry: number): void {
    const key = this.#keys[entry] as Uint8Array;
    let slot = hash(key, 0, key.length) & (this.#slots.length - 1);
    while (this.#slots[slot] !== -1) slot = (slot + 1) & (this.#slots.length - 1);
    this.#slots[slot] = entry;
  }

  /** Finds a member by its name in the source. @returns the member, or -1. The range includes the quotes. */
  find(source: Uint8Array, start: number, end: number): number {
    const member = this.#find(source, start, end);
    if (member !== -1 || !source.subarray(start, end).includes(backslash)) return member;
    // JSON.stringify produces the spelling with which members were added.
    const key = encoder.encode(JSON.stringify(stringOf(source, start, end)));
    return this.#find(key, 0, key.length);
  }

  #find(source: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    let slot = hash(source, start, end) & (slots.length - 1);
    for (;;) {
      const entry = slots[slot] as number;
      if (entry === -1) return -1;
      if (equal(this.#keys[entry] as Uint8Array, source, start, end))
        return this.#members[entry] as number;
      slot = (slot + 1) & (slots.length - 1);
    }
  }
}

function hash(source: Uint8Array, start: number, end: number): number {
  const value = fnv1a(source, start, end);
  return value ^ (value >>> 15);
}

function equal(key: Uint8Array, source: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let at = 0; at < key.length; at++) if (key[at] !== source[start + at]) return false;
  return true;
}
