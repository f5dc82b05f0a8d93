export { createTracker, type Consent, type Tracker, type TrackerOptions } from './tracker';
export type { WebEvent } from './web-event';
