/**
 * What every local endpoint needs: who may call it, signatures, AWS's JSON protocols, an orderly end.
 *
 * @example
 * const server = await startAwsJson({ credentials, services: [athenaApi(executions)], reportError });
 */
export { ServiceError, startAwsJson, type JsonService, type PathOperation } from './start-aws-json';
export { startLocalServer, type LocalServer } from './local-server';
/** Decides by host and origin whether a request may be answered at all. */
export { admitCaller, callerCheck } from './caller-check';
/** Signature Version 4, made and checked. */
export {
  signatureV4,
  type SignatureFaultKind,
  type SignatureV4,
  type SigningCredentials,
} from './signature-v4';
