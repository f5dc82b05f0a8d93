import { errorsPrefix } from '@sluice/lake-layout';
import type { Fault, S3Options } from '@sluice/local-s3';
import type { FaultDice } from './fault-dice';

const faults = {
  's3 500': { status: 500, code: 'InternalError' },
  's3 503': { status: 503, code: 'SlowDown' },
  's3 disconnect': 'disconnect',
  's3 answer lost': 'lose-answer',
  's3 slow': { delayMs: 500 },
} as const satisfies Readonly<Record<string, Fault>>;

const kinds = Object.keys(faults) as readonly (keyof typeof faults)[];

export interface S3Faults {
  readonly fault: NonNullable<S3Options['fault']>;
  /**
   * From now on, stores each object of the table's error output but loses the answer.
   *
   * @param onHeld called with the key of each, before it is stored
   */
  holdErrors(table: string, onHeld: (key: string) => void): void;
}

/** Returns the faults of S3: random ones, and those of the error output while it is held. */
export function s3Faults(dice: FaultDice): S3Faults {
  let held: { readonly prefix: string; readonly onHeld: (key: string) => void } | undefined;
  return {
    fault: ({ operation, key = '' }) => {
      if (held && operation === 'PutObject' && key.startsWith(held.prefix)) {
        held.onHeld(key);
        return 'lose-answer';
      }
      const kind = dice.roll(kinds);
      return kind && faults[kind];
    },
    holdErrors: (table, onHeld) => {
      held = { prefix: errorsPrefix(table), onHeld };
    },
  };
}
