import { createTracker } from '@sluice/web-tracker';

// On a server, where pages are made, there is no window and nothing to track.
const tracker = createTracker({ endpoint: process.env.GATEWAY, consent: 'assumed' });
tracker.track('rendered');
await tracker.flush();
console.log(Object.keys(tracker).sort().join(' '));
