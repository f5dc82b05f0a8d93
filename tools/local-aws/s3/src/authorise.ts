import * as crypto from 'node:crypto';
import { signatureV4, type SignatureFaultKind, type SigningCredentials } from '@sluice/local-http';
import { S3Error } from './s3-error';
import { header, type S3Request } from './s3-request';

const codes: Readonly<Record<SignatureFaultKind, string>> = {
  missing: 'AccessDenied',
  incomplete: 'AuthorizationHeaderMalformed',
  'unknown key': 'InvalidAccessKeyId',
  mismatch: 'SignatureDoesNotMatch',
  expired: 'AccessDenied',
};

const emptyHash = crypto.createHash('sha256').digest('hex');

/**
 * Returns a check that accepts requests signed with the credentials, or with those of a role, in the header or, presigned, in the query. A
 * body is compared with its signed hash when it is received; chunk signatures are not verified.
 *
 * @returns the role whose credentials those are; undefined for the owner
 * @throws {@link S3Error} with S3's code for the fault
 */
export function s3Authorisation(
  credentials: SigningCredentials,
): (request: S3Request, nowMs: number) => string | undefined {
  const signature = signatureV4(crypto, credentials);
  return ({ method, headers, query, message }, nowMs) => {
    const isPresigned = header(headers, 'authorization') === undefined;
    const payloadHash =
      header(headers, 'x-amz-content-sha256') ??
      query.get('X-Amz-Content-Sha256') ??
      (isPresigned ? 'UNSIGNED-PAYLOAD' : emptyHash);
    const signed = { method, target: message.url ?? '/', headers, payloadHash };
    const { fault, role } = signature.verify(signed, { services: ['s3'], nowMs });
    if (fault) throw new S3Error(403, codes[fault.kind], fault.message);
    return role;
  };
}
