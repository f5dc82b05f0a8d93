import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** The first of so many ports in a row that are free, as far as that can be known. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 12_000);
    const held: Server[] = [];
    try {
      for (let port = first; port < first + count; port++) {
        const server = createServer().listen(port, '127.0.0.1');
        await once(server, 'listening');
        held.push(server);
      }
      return first;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    } finally {
      for (const server of held) server.close();
    }
  }
}
