// The tracker for a script tag, which sets it up by its attributes: `data-endpoint`, `data-api-key`, `data-consent`.
import { createTracker, type Consent, type Tracker } from './tracker';

const { endpoint = '', apiKey, consent } = (document.currentScript as HTMLScriptElement).dataset;
const page: Window & { sluice?: Tracker } = window;
page.sluice = createTracker({
  endpoint,
  apiKey,
  // Any value other than `assumed` is ignored.
  consent: consent as Consent,
});
