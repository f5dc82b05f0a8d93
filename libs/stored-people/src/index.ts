export {
  possibleFiles,
  type DayFiles,
  type PossibleFiles,
  type PossibleFilesOptions,
} from './possible-files';
export { nameFinder, textsOfRecord } from './names-in-record';
export { comparedText, UnreadableFileError } from './rows-of-person';
export type { SubjectPage, TableCounts } from './page';
export type { HeldFailedRecord, LineWriter, SubjectPageOptions } from './page-options';
export { readSubjectPage } from './subject-page';
export {
  csvLines,
  ndjsonLines,
  type CsvLinesOptions,
  type ShownColumns,
  type ShownReferenceColumns,
} from './line-writers';
export { decodeSubjectCursor, encodeSubjectCursor, type SubjectCursor } from './subject-cursor';
