export { isEventFile } from './event-file-name';
export { JsonTextSplitter, splitJsonTexts } from './json-texts';
export { openSourceFile, type SourceFile, type SourceText } from './source-file';
export { openTextFile, SourceFileError, type ReadOptions, type TextFile } from './text-file';
export { placeIn, type TextPlace } from './text-place';
