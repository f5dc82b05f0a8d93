import type { EventType } from '@sluice/event-schema';
import { contract } from './contract';
import { matchEvent } from './match-event';
import { productEvent } from './product-event';

export { contract, matchEvent, productEvent };

/** All event types that ship. A new event type must be added here. */
export const shippedEventTypes: readonly EventType[] = [matchEvent, productEvent, contract];
