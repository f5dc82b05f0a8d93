import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { GatewayFault } from './gateway-fault';
import { maxRequestBytes } from './gateway-request';

/**
 * Undoes the `Content-Encoding` of a request, as API Gateway does before it looks at the body.
 * Source: API Gateway developer guide, "Payload compression for REST APIs": gzip, deflate and identity.
 *
 * @throws GatewayFault UNSUPPORTED_MEDIA_TYPE for another coding, and for gzip that no header announces;
 * BAD_REQUEST_BODY where the body is not what the header says; REQUEST_TOO_LARGE where it is too large decoded
 */
export async function decodedBody(
  body: Buffer,
  contentEncoding: string | undefined,
): Promise<Buffer> {
  const coding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') {
    // RFC 1952: the first two bytes of gzip, with which no JSON begins.
    if (body[0] === 0x1f && body[1] === 0x8b)
      throw new GatewayFault('UNSUPPORTED_MEDIA_TYPE', {
        message: 'The body is gzip: say so with the header Content-Encoding: gzip.',
      });
    return body;
  }
  const decode =
    coding === 'gzip' || coding === 'x-gzip' ? gunzip : coding === 'deflate' ? inflate : undefined;
  if (!decode)
    throw new GatewayFault('UNSUPPORTED_MEDIA_TYPE', {
      message:
        'The Content-Encoding of the body is not known here; known are gzip, deflate and identity.',
    });
  if (body.length === 0) return body;
  try {
    return await promisify<Buffer, object, Buffer>(decode)(body, {
      maxOutputLength: maxRequestBytes,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new GatewayFault('REQUEST_TOO_LARGE');
    const message = `the body is not ${coding}, as its Content-Encoding says`;
    throw new GatewayFault('BAD_REQUEST_BODY', { message, validationError: `[${message}]` });
  }
}
