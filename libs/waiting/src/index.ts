export { backoffDelayMs, type BackoffOptions } from './backoff';
export { pollUntil, type PollOptions } from './poll-until';
