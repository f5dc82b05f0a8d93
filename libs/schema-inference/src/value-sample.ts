/**
 * A bounded sample of the distinct values of a field (Wegman's adaptive sampling): the values whose hash falls below
 * a threshold, which halves whenever the sample is full. It samples values rather than occurrences, so that all
 * occurrences of a value in the sample are counted (from when it entered).
 */
export class ValueSample {
  private readonly counts = new Map<number, number>();
  private threshold = hashRange;

  constructor(private readonly capacity: number) {}

  add(hash: number): void {
    if (hash >= this.threshold) return;
    this.counts.set(hash, (this.counts.get(hash) ?? 0) + 1);
    while (this.counts.size > this.capacity) {
      this.threshold /= 2;
      for (const known of this.counts.keys())
        if (known >= this.threshold) this.counts.delete(known);
    }
  }

  /** Number of distinct values seen: exact up to the capacity, an estimate beyond it. */
  get distinct(): number {
    return Math.round((this.counts.size * hashRange) / this.threshold);
  }

  /** Ratio of distinct values to occurrences, among the values in the sample. */
  get uniqueShare(): number {
    let occurrences = 0;
    for (const count of this.counts.values()) occurrences += count;
    return occurrences === 0 ? 0 : this.counts.size / occurrences;
  }

  get exact(): boolean {
    return this.threshold === hashRange;
  }

  /** Number of distinct values in the sample, and how many of them occurred more than once. */
  get sampled(): { readonly values: number; readonly repeated: number } {
    let repeated = 0;
    for (const count of this.counts.values()) if (count > 1) repeated++;
    return { values: this.counts.size, repeated };
  }
}

const hashRange = 2 ** 53;

/**
 * Returns a 53-bit hash (two rounds of multiply and mix, one for each half) of `text` from `start` to `end`
 * (exclusive).
 */
export function hashOf(text: string, start: number, end: number): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}
