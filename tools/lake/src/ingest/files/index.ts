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
export { EventTypeError } from './event-type-of-file';
export { toldEventType } from './told-event-type';
export { ingestedSentence } from './ingested-text';
export { ingestFile, type IngestResult } from './ingest-file';
export { lineIdentityField } from './line-identity';
export { StoredDefinitionError } from '../../stored-definitions';
