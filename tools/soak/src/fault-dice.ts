import type { SeededRandom } from '@sluice/event-types/samples';

export interface FaultDiceOptions {
  readonly random: SeededRandom;
  /** Share of the calls, from 0 to 1, that begin a burst of faults. */
  readonly share: number;
  /** Gets each fault as it is made. */
  readonly onFault: (kind: string) => void;
}

/** Longest burst; it outlasts every caller's own retries. */
const longestBurst = 6;

/**
 * Says for each call over one boundary which fault it meets. Faults come in bursts, as real ones do: single
 * ones would never get past the first retry.
 */
export class FaultDice {
  readonly #options: FaultDiceOptions;
  #leftOfBurst = 0;
  #isCalm = false;

  constructor(options: FaultDiceOptions) {
    this.#options = options;
  }

  /** @param kinds what can happen to this call, at least one */
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
