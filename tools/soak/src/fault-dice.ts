import type { SeededRandom } from '@sluice/event-types/samples';

export interface FaultDiceOptions {
  readonly random: SeededRandom;
  /** Share of the calls, from 0 to 1, at which a burst of faults begins. */
  readonly share: number;
  /** Called with each fault. */
  readonly onFault: (kind: string) => void;
}

/** Longest burst, in faults; it outlasts every caller's own retries. */
const longestBurst = 6;

/**
 * Decides for each call over one boundary which fault it meets. Faults come in bursts, as real ones do, because
 * single faults would never get past the first retry.
 */
export class FaultDice {
  readonly #options: FaultDiceOptions;
  #leftOfBurst = 0;
  #isCalm = false;

  constructor(options: FaultDiceOptions) {
    this.#options = options;
  }

  /** Decides about one call. @param kinds the faults that it may meet, at least one */
  roll<const Kind extends string>(kinds: readonly Kind[]): Kind | undefined {
    const { random, share, onFault } = this.#options;
    if (this.#isCalm) return undefined;
    if (this.#leftOfBurst > 0) this.#leftOfBurst--;
    else if (random.chance(share)) this.#leftOfBurst = random.integer(0, longestBurst - 1);
    else return undefined;
    const kind = random.pick<readonly Kind[]>(kinds);
    onFault(kind);
    return kind;
  }

  /** Ends all faults. */
  calm(): void {
    this.#isCalm = true;
  }
}
