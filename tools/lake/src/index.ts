// Shared by the operators' commands and the runner of the local stack.

// The data directory of a laptop, and a stack's description of itself
export {
  dataDirCredentials,
  DataDirError,
  openDataDir,
  scopedApiKey,
  type Credentials,
  type DataDir,
} from './data-dir';
export type { Endpoints } from './endpoints';
export { errorText } from './sql/error-text';
export type { LakeNames } from './sql/quote-names';
export {
  definitionsFingerprint,
  forgetRefusedDefinitions,
  noteRefusedDefinitions,
  refusedDefinitions,
} from './refused-definitions';
export {
  checkStoredDefinition,
  definitionPlace,
  leftBehind,
  recordDefinitions,
  stoppedLake,
  StoredDefinitionError,
} from './stored-definitions';

// The content of a lake
export { lakeBucket, lakeCatalog } from './lake-catalog';
export {
  lakeFiles,
  runnableJoin,
  tablesWithRows,
  type RunnableJoin,
  type TableWithRows,
} from './lake-contents';

// Ingesting files of events
export { EventTypeError } from './ingest/files/event-type-of-file';
export { collectType, typeOption, type AskedTypes } from './ingest/type-option';
export { resolveEventType } from './ingest/files/resolve-event-type';
export { ingestFile, nothingIngested, type IngestResult } from './ingest/files/ingest-file';
export { ingestedSentence } from './ingest/files/ingested-text';
export { lineIdentityField } from './ingest/files/line-identity';

// Reports of failed events
export { FailureLog, type FailedEvents } from './failures/failed-events';
export { FailureNotices } from './failures/failure-notices';
export { failureText, type FailureTextOptions } from './failures/failure-text';

// Commands for a person to paste
export {
  countQuery,
  ingestCommand,
  joinCommand,
  lookUpCommand,
  postCommand,
  rowsQuery,
  shownDataDir,
  shownDefinition,
  simulateCommand,
  sqlCommand,
} from './shown-commands';
