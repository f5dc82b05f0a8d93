import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on 127.0.0.1. */
export interface LocalServer {
  /** URL of the server, without a trailing slash. */
  readonly url: string;
  readonly server: Server;
  /** Accepts no further connections, answers the current requests and ends. */
  readonly close: () => Promise<void>;
}

/** Starts an HTTP server on 127.0.0.1 at a port. @throws the socket's error, such as EADDRINUSE */
export type Serve = (listener: RequestListener, port: number) => Promise<LocalServer>;

/**
 * Milliseconds for which idle connections are kept. An SDK's pool keeps them as well, and a request on one that is
 * being closed would fail.
 */
const keepAliveMs = 60_000;

/** Milliseconds between two searches for idle connections while the server closes. */
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
 * Closes a server. Node closes the connections that are idle at that moment; those that become idle later have to be
 * closed too, or they, and the server, would stay open for the whole keep-alive time.
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
