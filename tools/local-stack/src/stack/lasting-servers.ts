import { startLocalServer, type LocalServer, type Serve } from '@sluice/local-http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

interface Lasting {
  readonly server: LocalServer;
  /** Listener of the current stack; undefined between two stacks. */
  listener: RequestListener | undefined;
  /** Requests that arrived between two stacks. */
  waiting: Exchange[];
  /** Requests that a stack has not answered yet. */
  readonly open: Set<ServerResponse>;
}

/**
 * Keeps ports open while one stack replaces another: a request that arrives meanwhile waits for the next stack
 * instead of being refused.
 */
export class LastingServers {
  readonly #byPort = new Map<number, Lasting>();
  #isClosed = false;

  /**
   * Serves a port until the returned server is closed. The port itself stays open until {@link close}.
   *
   * @throws the socket's error, such as EADDRINUSE; Error after {@link close}
   */
  readonly serve: Serve = async (listener, port) => {
    if (this.#isClosed) throw new Error('the local stack has stopped');
    const one = this.#byPort.get(port) ?? (await this.#open(port));
    one.listener = listener;
    for (const exchange of one.waiting.splice(0)) answer(one, listener, exchange);
    return {
      url: one.server.url,
      server: one.server.server,
      close: async () => {
        one.listener = undefined;
        await Promise.all([...one.open].map(ended));
      },
    };
  };

  /** Closes the ports; requests that still wait are answered that nothing is running. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      [...this.#byPort.values()].map(async ({ server, waiting }) => {
        for (const [, response] of waiting.splice(0))
          response
            .writeHead(503, { 'content-type': 'application/json', connection: 'close' })
            .end('{"message":"The local stack has stopped."}\n');
        await server.close();
      }),
    );
    this.#byPort.clear();
  }

  async #open(port: number): Promise<Lasting> {
    const server = await startLocalServer((...exchange) => {
      if (one.listener) answer(one, one.listener, exchange);
      else one.waiting.push(exchange);
    }, port);
    const one: Lasting = { server, listener: undefined, waiting: [], open: new Set() };
    this.#byPort.set(port, one);
    return one;
  }
}

function answer({ open }: Lasting, listener: RequestListener, [request, response]: Exchange): void {
  open.add(response);
  response.once('close', () => open.delete(response));
  listener(request, response);
}

const ended = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.closed) resolve();
    else response.once('close', resolve);
  });
