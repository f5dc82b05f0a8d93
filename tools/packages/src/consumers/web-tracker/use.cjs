const { createTracker } = require('@sluice/web-tracker');

const tracker = createTracker({ endpoint: process.env.GATEWAY, consent: 'assumed' });
tracker.track('rendered');
void tracker.flush().then(() => console.log(Object.keys(tracker).sort().join(' ')));
