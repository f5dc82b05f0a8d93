import type { EventType } from '@sluice/event-schema';
import { contract } from './contract';
import { matchEvent } from './match-event';
import { productEvent } from './product-event';

export { contract, matchEvent, productEvent };

/** Every event type that ships; an event type exists once it stands here. */
export const shippedEventTypes: readonly EventType[] = [matchEvent, productEvent, contract];
