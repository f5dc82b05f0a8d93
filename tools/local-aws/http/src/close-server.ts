import type { Server } from 'node:http';

/** How often connections that have become idle are looked for. */
const sweepMs = 10;

/**
 * Takes no more connections, answers the requests under way and ends.
 *
 * Node closes the connections that are idle at that moment; one that becomes idle later would stay open for
 * its whole keep-alive time, and the server with it.
 */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    server.close((error) => {
      clearInterval(sweep);
      if (error) reject(error);
      else resolve();
    });
  });
