export { possibleFiles, type DayFiles, type PossibleFilesOptions } from './possible-files';
export { nameFinder, textsOfRecord } from './names-in-record';
export { comparedText, UnreadableFileError } from './rows-of-person';
export {
  readSubjectPage,
  type HeldFailedRecord,
  type LineWriter,
  type SubjectPage,
  type SubjectPageOptions,
  type TableCounts,
} from './subject-page';
export { csvLines, ndjsonLines } from './line-writers';
export { placeOfText, placeText, type SubjectPlace } from './subject-place';
