/**
 * Rules and schedules of EventBridge.
 *
 * @example
 * const rules = readEventRules(resources);
 * const event = objectCreated(object, { region, accountId }, Date.now());
 * for (const { matches, targets } of rules) if (matches(event)) start(targets);
 */
export { objectCreated, readEventRules, type CreatedObject } from './event-rules';
export { readSchedule, startSchedules, type Schedule } from './schedules';
