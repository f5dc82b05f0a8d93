const keptSettled = 4_096;

/**
 * Tracks the last position of a file up to which everything is settled, in whatever order the answers arrive.
 *
 * Positions begin in ascending order.
 */
export class SettledPrefix {
  readonly #open: { readonly position: number; isSettled: boolean }[] = [];
  #head = 0;
  #position: number;

  /** @param after position up to which everything was settled before; 0 for none */
  constructor(after: number) {
    this.#position = after;
  }

  /** The position up to which (inclusive) everything is settled. */
  get position(): number {
    return this.#position;
  }

  /** Begins a position. @returns a callback that settles it */
  begin(position: number): () => void {
    const entry = { position, isSettled: false };
    this.#open.push(entry);
    return () => {
      entry.isSettled = true;
      for (let first = this.#open[this.#head]; first?.isSettled; first = this.#open[this.#head]) {
        this.#position = first.position;
        this.#head++;
      }
      // Frees settled entries from time to time, so that settling costs the same however long the file is.
      if (this.#head < keptSettled) return;
      this.#open.splice(0, this.#head);
      this.#head = 0;
    };
  }
}
