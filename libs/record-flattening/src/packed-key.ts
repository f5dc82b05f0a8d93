/** A member name, with its quotes, that is compared four bytes at a time. */
export class PackedKey {
  readonly byteLength: number;
  readonly #words: Int32Array;
  /** Mask of the bits of the last word that belong to the key. */
  readonly #lastMask: number;

  constructor(key: Uint8Array) {
    this.byteLength = key.length;
    const padded = new Uint8Array(Math.ceil(key.length / 4) * 4);
    padded.set(key);
    const view = new DataView(padded.buffer);
    this.#words = Int32Array.from({ length: padded.length / 4 }, (_, index) =>
      view.getInt32(index * 4, true),
    );
    const ownBytes = key.length % 4;
    this.#lastMask = ownBytes === 0 ? -1 : (1 << (ownBytes * 8)) - 1;
  }

  /**
   * Decides whether the source has the key at `at`. The zero padding after the text ends the comparison before the
   * memory ends.
   */
  matches(source: DataView, at: number): boolean {
    const words = this.#words;
    const last = words.length - 1;
    for (let index = 0; index < last; index++)
      if (source.getInt32(at + index * 4, true) !== words[index]) return false;
    return (source.getInt32(at + last * 4, true) & this.#lastMask) === words[last];
  }
}
