import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { GatewayFault } from './gateway-fault';

/**
 * Largest size of a request in bytes
 * (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html).
 */
export const maxRequestBytes = 10 * 1024 * 1024;

/** A request as it arrived, before its method is known. */
export interface GatewayRequest {
  readonly id: string;
  readonly httpMethod: string;
  /** Path and query exactly as in the request line. */
  readonly target: string;
  /** Path without the query string, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header values by name in lower case; the last value where a header was sent more than once. */
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly protocol: string;
  readonly sourceIp: string;
  readonly startedAt: Date;
}

export function readRequestHead(message: IncomingMessage): GatewayRequest {
  const target = message.url ?? '/';
  const queryAt = target.indexOf('?');
  const values = new Map<string, string[]>();
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    const name = (message.rawHeaders[at] ?? '').toLowerCase();
    const value = message.rawHeaders[at + 1] ?? '';
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return {
    id: randomUUID(),
    httpMethod: message.method ?? 'GET',
    target,
    path: queryAt === -1 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt === -1 ? '' : target.slice(queryAt + 1)),
    headers: Object.fromEntries([...values].map(([name, ofName]) => [name, ofName.at(-1) ?? ''])),
    multiValueHeaders: Object.fromEntries(values),
    protocol: `HTTP/${message.httpVersion}`,
    sourceIp: message.socket.remoteAddress ?? '127.0.0.1',
    startedAt: new Date(),
  };
}

/**
 * Reads a body. Counts its bytes as they arrive, whatever the length header says.
 *
 * @throws GatewayFault REQUEST_TOO_LARGE; the rest of the body is read and discarded
 */
export function readRequestBody(message: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxRequestBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    message.on('end', () => {
      if (size > maxRequestBytes) reject(new GatewayFault('REQUEST_TOO_LARGE'));
      else resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks));
    });
    message.on('error', reject);
  });
}
