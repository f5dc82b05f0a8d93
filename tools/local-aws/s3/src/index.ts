export { privateFolder, objectFile } from './object-path';
export type { CreatedObject } from './operation';
export { startS3, type Fault, type LocalS3, type S3Options } from './start-s3';
