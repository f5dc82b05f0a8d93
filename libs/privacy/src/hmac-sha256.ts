/** Size of a block of SHA-256 in bytes. */
const blockBytes = 64;

/** Fractions of the cube roots of the first 64 primes (FIPS 180-4, section 4.2.2). */
const roundConstants = Int32Array.from(
  primes(64).map((prime) => fraction32(Math.cbrt(prime), prime, 3)),
);
/** Fractions of the square roots of the first eight (FIPS 180-4, section 5.3.3). */
const initialState = Int32Array.from(
  primes(8).map((prime) => fraction32(Math.sqrt(prime), prime, 2)),
);

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
}

/**
 * Returns the first 32 bits of a root's fraction, computed in integers because a double has too few digits for
 * certainty.
 */
function fraction32(estimate: number, radicand: number, degree: 2 | 3): number {
  const power = (value: bigint): bigint => (degree === 2 ? value * value : value * value * value);
  const target = BigInt(radicand) << BigInt(32 * degree);
  let root = BigInt(Math.floor(estimate * 2 ** 32));
  while (power(root) > target) root--;
  while (power(root + 1n) <= target) root++;
  return Number(BigInt.asIntN(32, root));
}

/**
 * Computes HMAC-SHA-256 (RFC 2104, FIPS 180-4) of short texts. It does the work of `createHmac` without an object, a
 * native call and a buffer for each text, and is some four times as fast; the spec beside it compares the two.
 */
export class HmacSha256 {
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  readonly #schedule = new Int32Array(64);
  readonly #state = new Int32Array(8);
  /** The last digest, in its first eight words. */
  readonly digestWords: Int32Array = this.#state;

  /** @param key of any length; more than 32 bytes add no strength */
  constructor(key: Uint8Array) {
    const padded = new Uint8Array(blockBytes);
    if (key.length > blockBytes)
      throw new RangeError(`a key has at most ${blockBytes} bytes, and this one ${key.length}`);
    padded.set(key);
    const stateAfter = (pad: number): Int32Array => {
      const state = initialState.slice();
      this.#loadBlock(
        padded.map((byte) => byte ^ pad),
        0,
      );
      this.#compress(state);
      return state;
    };
    this.#inner = stateAfter(0x36);
    this.#outer = stateAfter(0x5c);
  }

  /**
   * Computes the digest of a range. It stays in {@link digestWords}, as eight words in big-endian order, until the
   * next call.
   */
  digest(bytes: Uint8Array, start: number, end: number): void {
    const state = this.#state;
    const words = this.#schedule;
    copyState(this.#inner, state);
    let at = start;
    for (; end - at >= blockBytes; at += blockBytes) {
      this.#loadBlock(bytes, at);
      this.#compress(state);
    }
    this.#loadTail(bytes, at, end);
    const bits = (blockBytes + end - start) * 8;
    // Leaves room for the bit that ends the text, and for its length in 64 bits.
    if (end - at >= blockBytes - 8) {
      this.#compress(state);
      words.fill(0, 0, 14);
    }
    words[14] = Math.floor(bits / 0x1_0000_0000);
    words[15] = bits | 0;
    this.#compress(state);

    for (let index = 0; index < 8; index++) words[index] = state[index] as number;
    words[8] = 0x80000000 | 0;
    for (let index = 9; index < 15; index++) words[index] = 0;
    words[15] = (blockBytes + 32) * 8;
    copyState(this.#outer, state);
    this.#compress(state);
  }

  #loadBlock(bytes: Uint8Array, start: number): void {
    const words = this.#schedule;
    for (let index = 0, at = start; index < 16; index++, at += 4)
      words[index] =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
  }

  /** Loads the rest of a text, which is shorter than a block, and the bit that ends it. */
  #loadTail(bytes: Uint8Array, start: number, end: number): void {
    const words = this.#schedule;
    let index = 0;
    let at = start;
    for (; end - at >= 4; at += 4)
      words[index++] =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
    let last = 0;
    let shift = 24;
    for (; at < end; at++, shift -= 8) last |= (bytes[at] as number) << shift;
    words[index++] = last | (0x80 << shift);
    while (index < 16) words[index++] = 0;
  }

  /** Processes one block (FIPS 180-4, section 6.2.2). */
  #compress(state: Int32Array): void {
    const w = this.#schedule;
    const k = roundConstants;
    extendSchedule(w);
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let f = state[5] as number;
    let g = state[6] as number;
    let h = state[7] as number;
    // Eight rounds at a time, so that the working variables swap names instead of values.
    let sum: number;
    for (let index = 0; index < 64; index += 8) {
      sum =
        (h +
          bigSigma1(e) +
          (g ^ (e & (f ^ g))) +
          (k[index + 0] as number) +
          (w[index + 0] as number)) |
        0;
      d = (d + sum) | 0;
      h = (sum + bigSigma0(a) + ((a & b) | (c & (a | b)))) | 0;
      sum =
        (g +
          bigSigma1(d) +
          (f ^ (d & (e ^ f))) +
          (k[index + 1] as number) +
          (w[index + 1] as number)) |
        0;
      c = (c + sum) | 0;
      g = (sum + bigSigma0(h) + ((h & a) | (b & (h | a)))) | 0;
      sum =
        (f +
          bigSigma1(c) +
          (e ^ (c & (d ^ e))) +
          (k[index + 2] as number) +
          (w[index + 2] as number)) |
        0;
      b = (b + sum) | 0;
      f = (sum + bigSigma0(g) + ((g & h) | (a & (g | h)))) | 0;
      sum =
        (e +
          bigSigma1(b) +
          (d ^ (b & (c ^ d))) +
          (k[index + 3] as number) +
          (w[index + 3] as number)) |
        0;
      a = (a + sum) | 0;
      e = (sum + bigSigma0(f) + ((f & g) | (h & (f | g)))) | 0;
      sum =
        (d +
          bigSigma1(a) +
          (c ^ (a & (b ^ c))) +
          (k[index + 4] as number) +
          (w[index + 4] as number)) |
        0;
      h = (h + sum) | 0;
      d = (sum + bigSigma0(e) + ((e & f) | (g & (e | f)))) | 0;
      sum =
        (c +
          bigSigma1(h) +
          (b ^ (h & (a ^ b))) +
          (k[index + 5] as number) +
          (w[index + 5] as number)) |
        0;
      g = (g + sum) | 0;
      c = (sum + bigSigma0(d) + ((d & e) | (f & (d | e)))) | 0;
      sum =
        (b +
          bigSigma1(g) +
          (a ^ (g & (h ^ a))) +
          (k[index + 6] as number) +
          (w[index + 6] as number)) |
        0;
      f = (f + sum) | 0;
      b = (sum + bigSigma0(c) + ((c & d) | (e & (c | d)))) | 0;
      sum =
        (a +
          bigSigma1(f) +
          (h ^ (f & (g ^ h))) +
          (k[index + 7] as number) +
          (w[index + 7] as number)) |
        0;
      e = (e + sum) | 0;
      a = (sum + bigSigma0(b) + ((b & c) | (d & (b | c)))) | 0;
    }
    state[0] = ((state[0] as number) + a) | 0;
    state[1] = ((state[1] as number) + b) | 0;
    state[2] = ((state[2] as number) + c) | 0;
    state[3] = ((state[3] as number) + d) | 0;
    state[4] = ((state[4] as number) + e) | 0;
    state[5] = ((state[5] as number) + f) | 0;
    state[6] = ((state[6] as number) + g) | 0;
    state[7] = ((state[7] as number) + h) | 0;
  }
}

/** Copies eight words. For so few, `set` takes longer. */
function copyState(from: Int32Array, to: Int32Array): void {
  for (let index = 0; index < 8; index++) to[index] = from[index] as number;
}

/**
 * Computes the words of the schedule after those of the block (FIPS 180-4, section 6.2.2, step 1). It is a function of
 * its own, and computes four words in a turn, because engines then keep more of it in registers.
 */
function extendSchedule(w: Int32Array): void {
  for (let index = 16; index < 64; index += 4) {
    w[index] =
      (smallSigma0(w[index - 15] as number) +
        (w[index - 7] as number) +
        smallSigma1(w[index - 2] as number) +
        (w[index - 16] as number)) |
      0;
    w[index + 1] =
      (smallSigma0(w[index - 14] as number) +
        (w[index - 6] as number) +
        smallSigma1(w[index - 1] as number) +
        (w[index - 15] as number)) |
      0;
    w[index + 2] =
      (smallSigma0(w[index - 13] as number) +
        (w[index - 5] as number) +
        smallSigma1(w[index] as number) +
        (w[index - 14] as number)) |
      0;
    w[index + 3] =
      (smallSigma0(w[index - 12] as number) +
        (w[index - 4] as number) +
        smallSigma1(w[index + 1] as number) +
        (w[index - 13] as number)) |
      0;
  }
}

// FIPS 180-4, section 4.1.2. Engines recognise a pair of shifts as a rotation.
const bigSigma0 = (x: number): number =>
  ((x >>> 2) | (x << 30)) ^ ((x >>> 13) | (x << 19)) ^ ((x >>> 22) | (x << 10));
const bigSigma1 = (x: number): number =>
  ((x >>> 6) | (x << 26)) ^ ((x >>> 11) | (x << 21)) ^ ((x >>> 25) | (x << 7));
const smallSigma0 = (x: number): number =>
  ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
const smallSigma1 = (x: number): number =>
  ((x >>> 17) | (x << 15)) ^ ((x >>> 19) | (x << 13)) ^ (x >>> 10);
