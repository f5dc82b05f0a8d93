import {
  kinesisFront,
  kinesisRefusal,
  throughputExceeded,
  type LocalKinesis,
} from '@sluice/local-kinesis';
import type { SeededRandom } from '@sluice/event-types/samples';
import type { FaultDice } from './fault-dice';

/** Kinds of faults for each operation. */
const kinds = {
  PutRecords: [
    'kinesis throttles',
    'kinesis 500',
    'kinesis disconnect',
    'kinesis answer lost',
    'kinesis refuses some',
  ],
  PutRecord: ['kinesis throttles', 'kinesis 500', 'kinesis disconnect', 'kinesis answer lost'],
  GetRecords: ['kinesis throttles', 'kinesis 500', 'kinesis disconnect'],
} as const;

/** Starts a server in front of Kinesis that fails as Kinesis does. */
export const faultyKinesis = (
  kinesis: LocalKinesis,
  dice: FaultDice,
  random: SeededRandom,
): Promise<LocalKinesis> =>
  kinesisFront(kinesis, async ({ operation, body, forward, forwardSome }) => {
    const possible = Object.hasOwn(kinds, operation)
      ? kinds[operation as keyof typeof kinds]
      : undefined;
    switch (possible && dice.roll<string>(possible)) {
      case 'kinesis throttles':
        return throughputExceeded();
      case 'kinesis 500':
        return kinesisRefusal('InternalFailure', 'A fault was asked for.', 500);
      case 'kinesis disconnect':
        return undefined;
      case 'kinesis answer lost':
        await forward();
        return undefined;
      case 'kinesis refuses some': {
        const input = JSON.parse(body.toString()) as { readonly Records: readonly unknown[] };
        const isTaken = input.Records.map(() => random.chance(0.5));
        return isTaken.includes(true) ? forwardSome(input, isTaken) : throughputExceeded();
      }
      default:
        return forward();
    }
  });
