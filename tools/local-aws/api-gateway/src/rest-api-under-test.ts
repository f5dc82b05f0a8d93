// For tests only: REST APIs served from their documents, and the services behind them.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRestApi, type RestApi, type RestApiOptions } from './rest-api';

export interface RestApisUnderTest {
  /** Starts a server. @returns its URL */
  readonly listen: (listener: RequestListener) => Promise<string>;
  /** Serves a document, with the API key `right` and the stage `test`. @returns its URL */
  readonly serve: (options: Partial<RestApiOptions> & { document: unknown }) => Promise<string>;
}

/**
 * Returns functions that start REST APIs, and ends after each test whatever it started. Call it at the top of a test
 * file.
 */
export function restApisUnderTest(): RestApisUnderTest {
  const opened: { server: Server; api?: RestApi }[] = [];
  afterEach(async () => {
    for (const { server, api } of opened.splice(0)) {
      api?.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const listen = async (listener: RequestListener, api?: RestApi): Promise<string> => {
    const server = createServer(listener);
    opened.push({ server, ...(api && { api }) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  return {
    listen: (listener) => listen(listener),
    serve: (options) => {
      const api = createRestApi({
        apiKeys: [{ id: 'the-key', value: 'right' }],
        stageName: 'test',
        ...options,
      });
      return listen(api.listener, api);
    },
  };
}

/** Returns an operation that answers by itself with the template's text. */
export const mock = (statusCode: number, template?: string, extra: object = {}): object => ({
  'x-amazon-apigateway-integration': {
    type: 'mock',
    requestTemplates: { 'application/json': `{"statusCode":${statusCode}}` },
    responses: {
      default: {
        statusCode,
        ...(template !== undefined && { responseTemplates: { 'application/json': template } }),
        ...extra,
      },
    },
  },
});
