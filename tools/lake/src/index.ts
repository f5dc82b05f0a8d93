export {
  dataDirCredentials,
  openDataDir,
  type DataDir,
  type Credentials,
  DataDirError,
} from './data-dir';
export type { Endpoints } from './endpoints';
export { readFailedEvents, FailureLog, type FailedEvents } from './failures/failed-events';
export { FailureNotices } from './failures/failure-notices';
export { failureText, type FailureTextOptions } from './failures/failure-text';
export { EventTypeError } from './ingest/files/event-type-of-file';
export { toldEventType } from './ingest/files/told-event-type';
export { ingestFile, nothingIngested, type IngestResult } from './ingest/files/ingest-file';
export { ingestedSentence } from './ingest/files/ingested-text';
export { lineIdentityField } from './ingest/files/line-identity';
export { assemblyCatalog, lakeBucket, lakeCatalog } from './lake-catalog';
export {
  runnableJoin,
  tablesWithRows,
  type RunnableJoin,
  type TableWithRows,
} from './lake-contents';
export { lakeFiles } from './lake-files';
export { renderReferenceReport, type ReferenceReport } from './put-reference/reference-report';
export { renderReplayReport } from './replay/render-replay-report';
export {
  shownDataDir,
  shownDefinition,
  countQuery,
  ingestCommand,
  joinCommand,
  lookUpCommand,
  postCommand,
  rowsQuery,
  sqlCommand,
} from './shown-commands';
export {
  stoppedLake,
  checkStoredDefinition,
  definitionPlace,
  recordDefinitions,
  StoredDefinitionError,
} from './stored-definitions';
