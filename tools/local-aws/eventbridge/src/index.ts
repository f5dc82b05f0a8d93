export { objectCreated, readEventRules } from './event-rules';
export { RunOnChange } from './run-on-change';
export { readSchedule, startSchedules } from './schedules';
