import type { SeededRandom } from '@sluice/values/seeded-random';

/** Makes the event at an index (from 0) of a stream that begins at `startAt`. */
export type SampleMaker<T> = (random: SeededRandom, index: number, startAt: Date) => T;
