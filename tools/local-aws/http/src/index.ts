export { admitCaller } from './admit-caller';
export { callerCheck } from './caller-check';
export { closeServer } from './close-server';
export { NodeSha256 } from './node-sha256';
export {
  signatureV4,
  type SigningCredentials,
  type SignatureV4,
  type SignatureFaultKind,
} from './signature-v4';
export {
  startAwsJson,
  type LocalAwsJson,
  ServiceError,
  type JsonService,
  type PathOperation,
} from './start-aws-json';
