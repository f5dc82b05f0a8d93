export type { EventCheck, EventFault } from './event-check';
export {
  createIngestClient,
  type Clock,
  type IngestClient,
  type IngestClientOptions,
} from './ingest-client';
export type { Counters, Outcome, Rejection } from './outcome';
export type { PageLifecycle } from './page-lifecycle';
