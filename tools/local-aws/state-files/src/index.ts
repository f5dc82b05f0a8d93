/**
 * Files that local services keep in a data directory, and messages for the user where one is damaged.
 *
 * @example
 * const records = new RecordFolder<Execution>(join(dataDir, 'step-functions'));
 * records.open(); // what earlier runs put
 * records.put('execution-1', execution);
 */
export {
  isBucketName,
  isKeyTooLong,
  objectFile,
  privateFolder,
  unsupportedKey,
} from './object-folder';
export { DamagedFileError, parseTexts, readOwnFile, writeWhole } from './own-file';
export { RecordFolder } from './record-folder';
