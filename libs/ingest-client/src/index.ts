export {
  createIngestClient,
  type Clock,
  type IngestClient,
  type IngestClientOptions,
} from './ingest-client';
export type { Counters, EventCheck, EventFault, Outcome, Rejection } from './outcome';
export type { PageLifecycle } from './page-lifecycle';
