import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServiceCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A service's answer: a result, or the name of an error. */
export type ServiceAnswer = object | { readonly refuses: string };

export interface JsonService {
  readonly calls: readonly ServiceCall[];
  /** Answer to all further calls. */
  answer: ServiceAnswer;
  /** Returns the answer to a call. @default `answer` to each */
  answerOf?: (operation: string) => ServiceAnswer;
  /** Returns the options for a client that calls this service. */
  readonly clientOptions: () => {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
}

/** Starts an AWS service that speaks JSON over HTTP, for the tests of a file. Real clients call it. */
export function jsonService(): JsonService {
  const calls: ServiceCall[] = [];
  const service: JsonService = {
    calls,
    answer: {},
    clientOptions: () => ({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    }),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      calls.push({
        operation,
        input: JSON.parse(Buffer.concat(chunks).toString()) as ServiceCall['input'],
      });
      const answer = service.answerOf?.(operation) ?? service.answer;
      const isError = 'refuses' in answer;
      response.writeHead(isError ? 400 : 200, {
        'content-type': String(request.headers['content-type']),
      });
      response.end(JSON.stringify(isError ? { __type: answer.refuses, message: 'no' } : answer));
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return service;
}
