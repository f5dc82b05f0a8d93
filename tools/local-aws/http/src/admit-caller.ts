import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallerCheck } from './caller-check';

/**
 * Answers a request whose caller may not call, and the preflight of a page that may. Returns whether the
 * request is to be answered by the service itself; for a page that may call, the answer is made readable.
 *
 * It refers to nothing outside itself, so that its text can run in a thread that starts from text.
 */
export function admitCaller(
  check: CallerCheck,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { method = 'GET', headers } = request;
  const { refusal, origin } = check({ method, headers });
  if (refusal !== undefined) {
    const body = JSON.stringify({ __type: 'AccessDeniedException', message: refusal });
    response.writeHead(403, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      // The body is not read, and would be taken for the next request.
      connection: 'close',
    });
    response.end(body);
    return false;
  }
  if (origin === undefined) return true;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', '*');
  response.setHeader('vary', 'Origin');
  const wantedMethod = headers['access-control-request-method'];
  if (method !== 'OPTIONS' || wantedMethod === undefined) return true;
  response.setHeader('access-control-allow-methods', wantedMethod);
  const wantedHeaders = headers['access-control-request-headers'];
  if (wantedHeaders !== undefined)
    response.setHeader('access-control-allow-headers', wantedHeaders);
  if (headers['access-control-request-private-network'] !== undefined)
    response.setHeader('access-control-allow-private-network', 'true');
  response.writeHead(204, { 'access-control-max-age': '600' });
  response.end();
  return false;
}
