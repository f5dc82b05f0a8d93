export { DamagedFileError, readOwnFile, parseTexts } from './own-file';
export { RecordFolder } from './record-folder';
export { writeWhole } from './write-whole';
