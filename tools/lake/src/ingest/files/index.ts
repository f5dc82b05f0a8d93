// What a command needs that takes a file into a stack.
export { readFailedEvents, type FailedEvents } from '../../failures/failed-events';
export { failureText } from '../../failures/failure-text';
export { tablesWithRows } from '../../lake-contents';
export { startProgress, type Progress } from '@sluice/terminal/progress';
export {
  lookUpCommand,
  rowsQuery,
  shownDataDir,
  shownDefinition,
  sqlCommand,
} from '../../shown-commands';
export { EventTypeError, eventTypeOfFile } from './event-type-of-file';
export { ingestedSentence } from './ingested-text';
export { ingestFile, type IngestResult } from './ingest-file';
export { lineIdentityField } from './line-identity';
export { checkInferred, StoredDefinitionError } from '../../stored-definitions';
