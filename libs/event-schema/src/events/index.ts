import type { EventType } from '../define-event';
import { matchEvent } from './match-event';

export { matchEvent };

/** Every event type that ships; an event type exists once it stands here. */
export const shippedEventTypes: readonly EventType[] = [matchEvent];
