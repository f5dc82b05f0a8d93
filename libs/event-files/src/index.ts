export { isEventFile } from './event-file-name';
export { delimiters, type Delimiter } from './tables/csv-delimiter';
export { isJson, JsonTextSplitter, splitJsonTexts } from './json-texts';
export { openSourceFile, type SourceFile, type SourceText } from './source-file';
export { openTextFile, SourceFileError, type ReadOptions, type TextFile } from './text-file';
export { locationIn, type TextLocation } from './text-location';
