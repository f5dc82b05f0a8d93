/** A pseudo-random number of at least 0 and below 1, the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Logarithm of the latency by the number of standard deviations: half of the answers in 30 ms, 99 % in 80, 99.9 % in 120. */
const median = Math.log(30);
const bodySlope = (Math.log(80) - median) / 2.3263479;
const tailSlope = Math.log(120 / 80) / (3.0902323 - 2.3263479);

/** Returns latencies as S3's are, in milliseconds: p50 30, p99 80, p999 120. */
export function heavyTailMs(random: () => number): () => number {
  return () => {
    // Box and Muller's way to a normal distribution.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const inBody = median + bodySlope * normal;
    const p99 = Math.log(80);
    return Math.exp(inBody <= p99 ? inBody : p99 + tailSlope * (normal - 2.3263479));
  };
}
