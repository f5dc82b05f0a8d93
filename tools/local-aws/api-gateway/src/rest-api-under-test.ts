// For tests only: REST APIs over their documents, and the services behind them.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRestApi, type RestApi, type RestApiOptions } from './rest-api';

export interface RestApisUnderTest {
  /** @returns its URL */
  readonly listen: (listener: RequestListener) => Promise<string>;
  /** @returns its URL. The API key is `right`, the stage `test`. */
  readonly serve: (options: Partial<RestApiOptions> & { document: unknown }) => Promise<string>;
}

/** Call at the top of a test file: ends after each test what it started. */
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
      const api = createRestApi({ apiKeys: ['right'], stageName: 'test', ...options });
      return listen(api.listener, api);
    },
  };
}

/** An operation that answers by itself, with the template's text. */
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
