import { randomBytes } from 'node:crypto';

/** Returns the text by which the events of one run are told from all others: `verify-20260131T120000-1a2b3c`. */
export const runMark = (kind: 'load' | 'verify', startedAtMs: number): string =>
  `${kind}-${new Date(startedAtMs).toISOString().replace(/\W/g, '').slice(0, 15)}-${randomBytes(3).toString('hex')}`;
