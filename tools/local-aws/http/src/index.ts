/**
 * The common parts of all local endpoints: checks of callers, signatures, AWS's JSON protocols, and a graceful end.
 *
 * @example
 * const server = await startAwsJson({ credentials, services: [athenaApi(executions)], reportError });
 */
export {
  ServiceError,
  startAwsJson,
  type JsonService,
  type NeededPermission,
  type PathOperation,
} from './start-aws-json';
export { startLocalServer, type LocalServer, type Serve } from './local-server';
/** Reads bodies up to a size. */
export { readBody } from './read-body';
/** Checks by host and origin whether a request may be answered at all. */
export { admitCaller, callerCheck } from './caller-check';
/** Signature Version 4, for signing and for checking. */
export {
  signatureV4,
  type SignatureFaultKind,
  type SignatureV4,
  type SigningCredentials,
} from './signature-v4';
/** Decides by the policies of roles what their requests may do. */
export {
  permissionCheck,
  type PermissionCheck,
  type PolicyStatement,
  type RolePolicies,
} from './role-permissions';
