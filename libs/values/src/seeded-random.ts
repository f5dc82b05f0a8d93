/** Generator of random values that are the same for the same seed, on every machine. */
export interface SeededRandom {
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  readonly fraction: () => number;
  /** Returns an integer between two bounds, both inclusive. */
  integer(from: number, to: number): number;
  /** Returns one of the values. `values` must not be empty. */
  pick<const T extends readonly unknown[]>(values: T): T[number];
  /** Returns true with this probability, from 0 to 1. */
  chance(share: number): boolean;
  /** Returns a UUID of version 4. */
  uuid(): string;
}

/**
 * Starts a generator (Mulberry32) with 32 bits of state: good for samples, not for anything that must be unguessable.
 */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const hex = (): string => word().toString(16).padStart(8, '0');
  const random: SeededRandom = {
    fraction: () => word() / 2 ** 32,
    integer: (from, to) => from + Math.floor(random.fraction() * (to - from + 1)),
    pick: (values) => values[random.integer(0, values.length - 1)],
    chance: (share) => random.fraction() < share,
    uuid: () => {
      const digits = hex() + hex() + hex() + hex();
      const variant = '89ab'[parseInt(digits[16] ?? '0', 16) % 4] ?? '8';
      return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        variant + digits.slice(17, 20),
        digits.slice(20),
      ].join('-');
    },
  };
  return random;
}
