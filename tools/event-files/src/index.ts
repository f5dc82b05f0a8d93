export { JsonTextSplitter, splitJsonTexts } from './json-texts';
export { openSourceFile, SourceFileError, type SourceFile, type SourceText } from './source-file';
