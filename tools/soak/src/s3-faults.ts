import type { Fault } from '@sluice/local-s3';
import type { FaultDice } from './fault-dice';

const faults = {
  's3 500': { status: 500, code: 'InternalError' },
  's3 503': { status: 503, code: 'SlowDown' },
  's3 disconnect': 'disconnect',
  's3 answer lost': 'lose-answer',
  's3 slow': { delayMs: 500 },
} as const satisfies Readonly<Record<string, Fault>>;

const kinds = Object.keys(faults) as readonly (keyof typeof faults)[];

export const s3Faults = (dice: FaultDice) => (): Fault | undefined => {
  const kind = dice.roll(kinds);
  return kind && faults[kind];
};
