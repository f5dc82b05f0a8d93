import {
  createTracker,
  type Tracker,
  type TrackerOptions,
  type WebEvent,
} from '@sluice/web-tracker';

const options: TrackerOptions = { endpoint: process.env['GATEWAY'] ?? '', consent: 'assumed' };
const tracker: Tracker = createTracker(options);
const kind: WebEvent['kind'] = 'custom';
tracker.track(kind, { rows: [1, 2] });
void tracker.flush().then(() => console.log(Object.keys(tracker).sort().join(' ')));
