const keptSettled = 4_096;

/**
 * Follows how far a file is done: the last position up to which everything is settled, however the answers overtake each other.
 *
 * Positions begin in ascending order.
 */
export class SettledPrefix {
  readonly #open: { readonly position: number; isSettled: boolean }[] = [];
  #head = 0;
  #position: number;

  /** @param after everything up to there was settled before; 0 for nothing */
  constructor(after: number) {
    this.#position = after;
  }

  /** Returns the position up to which, inclusive, all is settled. */
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
      // Lets go of what is settled now and then, so that settling costs the same however long the file is.
      if (this.#head < keptSettled) return;
      this.#open.splice(0, this.#head);
      this.#head = 0;
    };
  }
}
