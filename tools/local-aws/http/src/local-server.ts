import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on 127.0.0.1. */
export interface LocalServer {
  /** Without a trailing slash. */
  readonly url: string;
  readonly server: Server;
  /** Takes no more connections, answers the requests under way and ends. */
  readonly close: () => Promise<void>;
}

/** An SDK's pool keeps idle connections, and a request on one that is being closed would fail. */
const keepAliveMs = 60_000;

/** How often a server that is being closed looks for connections that have become idle. */
const sweepMs = 10;

/**
 * Starts an HTTP server on 127.0.0.1.
 *
 * @param port 0 takes a free one
 * @throws the socket's error, such as EADDRINUSE
 */
export async function startLocalServer(
  listener: RequestListener,
  port: number,
): Promise<LocalServer> {
  const server = createServer({ keepAliveTimeout: keepAliveMs }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    close: () => closeServer(server),
  };
}

/**
 * Node closes the connections that are idle at that moment; one that becomes idle later would stay open for
 * its whole keep-alive time, and the server with it.
 */
const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    server.close((error) => {
      clearInterval(sweep);
      if (error) reject(error);
      else resolve();
    });
  });
