// A separate entry point (@sluice/event-types/samples): made-up events of the shipped types, for demonstrations and measurements.
import { sampleContract } from './contract.samples';
import { sampleMatchEvent } from './match-event.samples';
import type { SampleMaker } from './sample-maker';
import { samplePlayers } from '../references/players.samples';
import { firstProductEvent, sampleProductEvent } from './product-event.samples';
import { seededRandom, type SeededRandom } from '@sluice/values/seeded-random';

export { firstProductEvent, seededRandom, type SeededRandom };

export interface SampleOptions {
  readonly count: number;
  /** Seed of the random values; the same seed gives the same events. */
  readonly seed?: number;
  readonly startAt?: Date;
}

const makers: Readonly<Record<string, SampleMaker<object>>> = {
  match_event: sampleMatchEvent,
  product_event: sampleProductEvent,
  contract: sampleContract,
};

/** Names of the event types that have samples. */
export const sampledEventTypes: readonly string[] = Object.keys(makers);

/**
 * Generates made-up events of a shipped event type.
 *
 * @throws where the event type has no samples; {@link sampledEventTypes} lists those that have
 */
export function* sampleEvents(
  eventTypeName: string,
  { count, seed = 1, startAt = new Date('2026-01-01T00:00:00Z') }: SampleOptions,
): Generator<object, void> {
  const make = makers[eventTypeName];
  if (!make)
    throw new Error(
      `there are no samples of event type "${eventTypeName}"; there are of ${sampledEventTypes.join(', ')}`,
    );
  const random = seededRandom(seed);
  for (let index = 0; index < count; index++) yield make(random, index, startAt);
}

/**
 * Returns the rows of a made-up reference table `players`, to which the made-up events of `match_event` refer. They
 * are always the same.
 */
export const samplePlayerRows = (): readonly object[] => samplePlayers(seededRandom(1));
