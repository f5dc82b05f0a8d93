import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A gateway that takes events of the type `order` and publishes their schema, as far as consumers ask for it. */
export interface Gateway {
  readonly url: string;
  close(): void;
}

const document = {
  paths: {
    '/v1/events/order': {
      post: {
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
        },
      },
    },
  },
  components: {
    schemas: {
      Order: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
    },
  },
};

/** Starts the gateway on 127.0.0.1, open to the pages of every origin as a deployed one is. */
export async function startGateway(): Promise<Gateway> {
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'content-type,x-api-key');
    response.setHeader('content-type', 'application/json');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'OPTIONS') response.writeHead(204).end();
      else if (request.url === '/v1/openapi.json') response.end(JSON.stringify(document));
      else if (
        request.url === '/v1/events/order/batch' &&
        request.headers['x-api-key'] === 'a-key'
      ) {
        const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: unknown[] };
        response.end(JSON.stringify({ accepted: events.length, failed: [] }));
      } else response.writeHead(404).end('{"message":"not found"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
