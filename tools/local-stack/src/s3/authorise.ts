import { S3Error } from './s3-error';
import { header, type S3Request } from './s3-request';

/**
 * Lets a request through that is signed with the access key of this endpoint, in its header or, presigned,
 * in its query. The signature itself is not computed anew: the endpoint is for this machine only, and what
 * a mistaken configuration shows is a wrong key.
 *
 * @throws {@link S3Error} AccessDenied, InvalidAccessKeyId
 */
export function authorise(request: S3Request, accessKeyId: string, nowMs: number): void {
  const { headers, query } = request;
  const authorization = header(headers, 'authorization');
  const credential =
    authorization === undefined
      ? query.get('X-Amz-Credential')
      : /^AWS4-HMAC-SHA256\b.*?\bCredential=([^,\s]+)/.exec(authorization)?.[1];
  if (credential === undefined || credential === null)
    throw new S3Error(
      403,
      'AccessDenied',
      'The request is not signed: give your client an access key.',
    );
  const given = credential.split('/')[0] ?? '';
  if (given !== accessKeyId)
    throw new S3Error(
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      { elements: { AWSAccessKeyId: given } },
    );
  if (authorization === undefined && isExpired(query, nowMs))
    throw new S3Error(403, 'AccessDenied', 'Request has expired');
}

function isExpired(query: URLSearchParams, nowMs: number): boolean {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '');
  if (!match) return true;
  const [year = 0, month = 0, ...rest] = match.slice(1).map(Number);
  const signedMs = Date.UTC(year, month - 1, ...(rest as [number, number, number, number]));
  return nowMs > signedMs + Number(query.get('X-Amz-Expires') ?? 0) * 1000;
}
